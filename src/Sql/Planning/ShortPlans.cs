using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;

namespace Chitin.Sql.Planning;

/// <summary>
/// Tells plans that certainly do little: a few rows by their whole key, written or read, with expressions whose cost does not depend on a value's length. They may run on a thread that others
/// need too. Whatever is not known here is not short.
/// </summary>
internal static class ShortPlans
{
    private const int MaxRows = 16;
    private const int MaxOperands = 64;

    public static bool IsShort(StatementPlan plan) => plan.CommonTables.IsEmpty && plan switch
    {
        QueryPlan query => IsShort(query.Root),
        InsertPlan { Insert: { OnConflict: null or { DoNothing: true } } insert } => IsFewValues(insert.Source) && IsSimple(insert.Target) && IsSimple(insert.Returning),
        UpdatePlan { Update: var update } => IsOneRow(plan, update.Target) && update.Assignments.All(a => IsSimple(a.Expression)) && IsSimple(update.Returning)
            && !update.Assignments.Any(a => IsReferenced(update.Target, a.Ordinal)),
        DeletePlan { Delete: var delete } => IsOneRow(plan, delete.Target) && delete.Target.Table.ReferencedBy.IsEmpty && IsSimple(delete.Returning),
        _ => false,
    };

    private static bool IsShort(PlanNode node) => node switch
    {
        PlanScan { IsPoint: true } scan => (scan.Filter is null || IsSimple(scan.Filter)) && scan.Columns.All(c => IsCheap(c.Type, c.TypeModifier)),
        PlanProject project => project.Items.All(i => IsSimple(i.Expression)) && IsShort(project.Input),
        PlanLockRows rows => IsShort(rows.Input),
        _ => false,
    };

    private static bool IsOneRow(StatementPlan plan, BoundTarget target) =>
        (plan is UpdatePlan update ? update.Source : ((DeletePlan)plan).Source) is PlanScan { IsPrimary: true } scan && IsShort(scan) && IsSimple(target);

    /// <summary>Rows of other tables may follow a change of the column.</summary>
    private static bool IsReferenced(BoundTarget target, int ordinal) =>
        !target.Table.ReferencedBy.IsEmpty && (target.Table.PrimaryIndex.Parts.Any(p => p.ColumnId == target.Table.Columns[ordinal].Id)
            || target.Table.Indexes.Any(i => i.Unique && i.Parts.Any(p => p.ColumnId == target.Table.Columns[ordinal].Id)));

    private static bool IsFewValues(BoundNode source) => source switch
    {
        BoundValues values => values.Rows.Length <= MaxRows && values.Rows.All(r => r.All(IsSimple)),
        BoundProject project => project.Items.All(i => IsSimple(i.Expression)) && IsFewValues(project.Input),
        _ => false,
    };

    private static bool IsSimple(BoundTarget target) =>
        target.Table.Columns.All(c => IsCheap(c.Type, c.TypeModifier))
        && target.Generated.All(g => IsSimple(g.Expression))
        && target.Domains.IsEmpty
        && target.Checks.All(c => IsSimple(c.Condition))
        && target.InsertPolicies.All(p => IsSimple(p.Condition))
        && target.UpdatePolicies.All(p => IsSimple(p.Condition))
        && target.Indexes.All(i => i.Predicate is null && i.Parts.All(p => p is null));

    private static bool IsSimple(BoundReturning? returning) => returning is null || returning.Items.All(i => IsSimple(i.Expression));

    private static bool IsSimple(BoundExpression expression)
    {
        var left = MaxOperands;
        return IsSimple(expression, ref left);
    }

    private static bool IsSimple(BoundExpression expression, ref int left)
    {
        if (--left < 0 || !IsCheap(expression.Type, expression.TypeModifier, allowNumeric: true))
            return false;
        var known = expression switch
        {
            BoundConstant or BoundParameter or BoundColumnReference or BoundAnd or BoundOr or BoundNot or BoundIsNull or BoundCase or BoundCoalesce or BoundApplyModifier => true,
            BoundCall call => IsCheap(call),
            BoundCast { ThroughText: false } => true,
            _ => false,
        };
        if (!known)
            return false;
        foreach (var operand in BoundWalker.Operands(expression))
        {
            if (!IsSimple(operand, ref left))
                return false;
        }

        return true;
    }

    /// <summary>Operators on numbers, times and the like, comparisons, and the clock.</summary>
    private static bool IsCheap(BoundCall call)
    {
        if (call.Arguments.IsEmpty)
            return call.Function.Name is "now" or "current_timestamp" or "transaction_timestamp" or "statement_timestamp" or "clock_timestamp" or "current_date";
        return call.Operator?.Symbol is "=" or "<>" or "<" or "<=" or ">" or ">=" or "+" or "-"
            || (call.Operator?.Symbol is "*" or "/" or "%" && call.Arguments.All(a => a.Type.Oid != PgOid.Numeric));
    }

    /// <summary>Types whose values are read, copied and shown in time that is linear in their length, and numbers of bounded length.</summary>
    private static bool IsCheap(SqlType type, int modifier, bool allowNumeric = false) => type.Oid switch
    {
        PgOid.Bool or PgOid.Int2 or PgOid.Int4 or PgOid.Int8 or PgOid.Float4 or PgOid.Float8 or PgOid.Oid or PgOid.Uuid => true,
        PgOid.Date or PgOid.Time or PgOid.TimeTz or PgOid.Timestamp or PgOid.TimestampTz or PgOid.Interval => true,
        PgOid.Text or PgOid.VarChar or PgOid.BpChar or PgOid.Name or PgOid.Bytea => true,
        PgOid.Numeric => allowNumeric || modifier >= 0,
        _ => false,
    };
}
