using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Binding;
using Chitin.Sql.Execution.Copy;
using Chitin.Sql.Planning;

namespace Chitin.Sql.Execution;

/// <summary>A compiled statement: operators for its source and, for a data change, how rows are written.</summary>
internal abstract class CompiledStatement
{
    public required CompiledPlan Plan { get; init; }

    public ImmutableArray<CompiledCommonTable> CommonTables { get; init; } = [];

    /// <summary>See <see cref="ShortPlans"/>.</summary>
    public bool IsShort { get; init; }

    public bool FullTableScan { get; set; }

    public bool FullIndexScan { get; set; }
}

internal sealed record CompiledCommonTable(BoundCommonTable Table, CompiledStatement Statement, OperatorTemplate? Recursive, int[] RecursiveOutput, SqlType[] Types);

/// <summary>RETURNING, compiled.</summary>
internal sealed record CompiledReturning(Evaluator[] Items)
{
    public Datum[] Evaluate(ExecutionState state)
    {
        var row = new Datum[Items.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = Items[i].Evaluate(state);
        return row;
    }
}

internal sealed class CompiledQuery : CompiledStatement
{
    public required OperatorTemplate Root { get; init; }

    /// <summary>Slots of the result columns, in order.</summary>
    public required int[] Output { get; init; }

    public ImmutableArray<CompiledLock> Locks { get; init; } = [];

    /// <summary>Of a cursor: per table the slots of its primary key.</summary>
    public ImmutableArray<(uint Table, int[] Slots)> Keys { get; init; } = [];
}

/// <summary>FOR UPDATE of one table: where its rows' keys stand.</summary>
internal sealed record CompiledLock(int KeySlot, Transactions.LockMode Mode, Transactions.LockWaitPolicy Wait, string Relation);

internal sealed class CompiledInsert : CompiledStatement
{
    public required OperatorTemplate Source { get; init; }

    /// <summary>The source only lists expressions: it reads nothing, so a newer snapshot changes nothing that was read.</summary>
    public required bool IsPure { get; init; }

    /// <summary>The source does not read the table: rows can be written while it runs.</summary>
    public required bool Streams { get; init; }

    public required TableWriterTemplate Writer { get; init; }

    /// <summary>Slots of the source's columns and the ordinals that they feed.</summary>
    public required (int Slot, int Ordinal)[] Targets { get; init; }

    /// <summary>Ordinals that the source leaves out, with their defaults.</summary>
    public required (int Ordinal, Evaluator? Default)[] Defaults { get; init; }

    public CompiledConflict? Conflict { get; init; }

    public CompiledReturning? Returning { get; init; }
}

internal sealed record CompiledConflict(IndexDescriptor? Arbiter, bool DoNothing, int[] Existing, int[] Excluded, (int Ordinal, Evaluator Expression)[] Assignments, Evaluator? Where, Evaluator? Policy);

internal sealed class CompiledUpdate : CompiledStatement
{
    public required OperatorTemplate Source { get; init; }

    public required TableWriterTemplate Writer { get; init; }

    public required int KeySlot { get; init; }

    /// <summary>Slots of the target's current columns, in descriptor order.</summary>
    public required int[] Current { get; init; }

    public required (int Ordinal, Evaluator Expression)[] Assignments { get; init; }

    /// <summary>The source is one scan without subqueries: rows can be written while it runs.</summary>
    public required bool Streams { get; init; }

    /// <summary>Set when the source is a point lookup by the whole primary key: lock first, then read.</summary>
    public ScanTemplate? Point { get; init; }

    public bool ChangesKey { get; init; }

    public CompiledReturning? Returning { get; init; }
}

internal sealed class CompiledDelete : CompiledStatement
{
    public required OperatorTemplate Source { get; init; }

    public required TableWriterTemplate Writer { get; init; }

    public required int KeySlot { get; init; }

    public required int[] Current { get; init; }

    public required bool Streams { get; init; }

    public ScanTemplate? Point { get; init; }

    public CompiledReturning? Returning { get; init; }
}

internal sealed class CompiledMerge : CompiledStatement
{
    public required OperatorTemplate Source { get; init; }

    public required TableWriterTemplate Writer { get; init; }

    public required int KeySlot { get; init; }

    public required int[] Current { get; init; }

    public required CompiledMergeAction[] Actions { get; init; }
}

/// <summary>One WHEN clause. Defaults: the columns that an INSERT leaves out.</summary>
internal sealed record CompiledMergeAction(bool Matched, Syntax.MergeKind Kind, Evaluator? Condition, (int Ordinal, Evaluator Expression)[] Values, (int Ordinal, Evaluator? Default)[] Defaults, bool ChangesKey, Evaluator? Policy);

/// <summary>COPY FROM: where the data's columns go, what fills the others, which rows pass.</summary>
internal sealed class CompiledCopyFrom : CompiledStatement
{
    public required TableWriterTemplate Writer { get; init; }

    /// <summary>The columns in the order of the data.</summary>
    public required ImmutableArray<CopyColumn> Columns { get; init; }

    /// <summary>Per column of the data the slot of the new row's value.</summary>
    public required int[] Targets { get; init; }

    public required (int Slot, Evaluator? Default)[] Defaults { get; init; }

    public Evaluator? Where { get; init; }

    public required CopyOptions Options { get; init; }
}

/// <summary>Compiles whole statements.</summary>
internal static class StatementCompiler
{
    public static CompiledStatement Compile(StatementPlan plan, Planner planner)
    {
        var compiler = new PlanCompiler(planner);
        var compiled = Compile(plan, compiler);
        (compiled.FullTableScan, compiled.FullIndexScan) = (compiler.FullTableScan, compiler.FullIndexScan);
        return compiled;
    }

    public static CompiledCopyFrom Compile(BoundCopyFrom copy, PlanCompiler compiler)
    {
        var options = CopyOptions.From(copy.Options);
        var table = copy.Target.Table;
        var writer = new TableWriterTemplate(copy.Target, compiler);
        var left = Enumerable.Range(0, table.Columns.Length).Except(copy.TargetOrdinals).Except(copy.Target.Generated.Select(g => g.Ordinal));
        return new CompiledCopyFrom
        {
            Plan = compiler.Slots.Plan,
            Writer = writer,
            Columns = [.. copy.TargetOrdinals.Select(o => new CopyColumn(table.Columns[o].Name, table.Columns[o].ValueType, table.Columns[o].ValueModifier))],
            Targets = [.. copy.TargetOrdinals.Select(o => writer.RowSlots[o])],
            Defaults = [.. left.Select(o => (writer.RowSlots[o], writer.Defaults[o]))],
            Where = compiler.Expressions.CompileOptional(copy.Where),
            Options = options,
        };
    }

    private static CompiledStatement Compile(StatementPlan plan, PlanCompiler compiler)
    {
        // Common tables share the statement's frame: their columns have slots of their own.
        ImmutableArray<CompiledCommonTable> tables = [.. plan.CommonTables.Select(t => new CompiledCommonTable(
            t.Table, Compile(t.Plan, compiler), t.Recursive is null ? null : compiler.Compile(t.Recursive), compiler.Slots.Slots(t.RecursiveOutput),
            [.. t.Table.Columns.Select(c => c.Type)]))];
        return plan switch
        {
            QueryPlan query => CompileQuery(query, compiler, tables),
            InsertPlan insert => CompileInsert(insert, compiler, tables),
            UpdatePlan update => CompileUpdate(update, compiler, tables),
            DeletePlan delete => CompileDelete(delete, compiler, tables),
            MergePlan merge => CompileMerge(merge, compiler, tables),
            _ => throw new InvariantException($"{plan.GetType().Name} cannot be compiled"),
        };
    }

    private static CompiledQuery CompileQuery(QueryPlan plan, PlanCompiler compiler, ImmutableArray<CompiledCommonTable> tables)
    {
        var root = compiler.Compile(plan.Root);
        return new CompiledQuery
        {
            Plan = compiler.Slots.Plan, CommonTables = tables, IsShort = ShortPlans.IsShort(plan), Root = root, Output = compiler.Slots.Slots(plan.Query.Root.Output), Locks = [.. Locks(plan.Root, compiler)],
            Keys = [.. plan.Keys.Select(k => (k.Table, compiler.Slots.Slots(k.Key)))],
        };
    }

    private static IEnumerable<CompiledLock> Locks(PlanNode node, PlanCompiler compiler)
    {
        while (node is PlanLimit or PlanProject or PlanFilter)
            node = node switch { PlanLimit limit => limit.Input, PlanProject project => project.Input, _ => ((PlanFilter)node).Input };
        if (node is not PlanLockRows rows)
            yield break;
        foreach (var (key, strength, wait, relation) in rows.Targets)
        {
            yield return new CompiledLock(compiler.Slots[key.KeyColumn],
                strength switch
                {
                    Syntax.LockStrength.KeyShare => Transactions.LockMode.KeyShare,
                    Syntax.LockStrength.Share => Transactions.LockMode.Share,
                    Syntax.LockStrength.NoKeyUpdate => Transactions.LockMode.NoKeyUpdate,
                    _ => Transactions.LockMode.Update,
                },
                wait switch
                {
                    Syntax.LockWait.NoWait => Transactions.LockWaitPolicy.NoWait,
                    Syntax.LockWait.SkipLocked => Transactions.LockWaitPolicy.SkipLocked,
                    _ => Transactions.LockWaitPolicy.Wait,
                },
                relation);
        }
    }

    private static CompiledInsert CompileInsert(InsertPlan plan, PlanCompiler compiler, ImmutableArray<CompiledCommonTable> tables)
    {
        var insert = plan.Insert;
        var source = compiler.Compile(plan.Source);
        var writer = new TableWriterTemplate(insert.Target, compiler);
        var targets = insert.Source.Output.Select((c, i) => (compiler.Slots[c], insert.TargetOrdinals[i])).ToArray();
        var left = Enumerable.Range(0, insert.Target.Table.Columns.Length).Except(insert.TargetOrdinals).Except(insert.Target.Generated.Select(g => g.Ordinal));
        var conflict = insert.OnConflict;
        return new CompiledInsert
        {
            Plan = compiler.Slots.Plan,
            CommonTables = tables,
            IsShort = ShortPlans.IsShort(plan),
            Source = source,
            IsPure = plan.Source is PlanValues or PlanProject { Input: PlanValues } && tables.IsEmpty && !HasSubquery(insert.Source) && !PoliciesRead(insert.Target),
            Streams = tables.IsEmpty && conflict is null && !Reads(insert, insert.Target.Table),
            Writer = writer,
            Targets = targets,
            Defaults = [.. left.Select(o => (o, writer.Defaults.Length > o ? writer.Defaults[o] : null))],
            Conflict = conflict is null ? null : new CompiledConflict(conflict.Arbiter, conflict.DoNothing, compiler.Slots.Slots(conflict.Existing), compiler.Slots.Slots(conflict.Excluded),
                [.. conflict.Assignments.Select(a => (a.Ordinal, compiler.Expressions.Compile(a.Expression)))], compiler.Expressions.CompileOptional(conflict.Where), compiler.Expressions.CompileOptional(conflict.Policy)),
            Returning = CompileReturning(insert.Returning, compiler),
        };
    }

    private static CompiledUpdate CompileUpdate(UpdatePlan plan, PlanCompiler compiler, ImmutableArray<CompiledCommonTable> tables)
    {
        var update = plan.Update;
        var source = compiler.Compile(plan.Source);
        var writer = new TableWriterTemplate(update.Target, compiler);
        var table = update.Target.Table;
        var referenced = table.ReferencedBy.IsEmpty ? [] : table.Columns.Select((c, i) => i).ToHashSet();
        return new CompiledUpdate
        {
            Plan = compiler.Slots.Plan,
            CommonTables = tables,
            IsShort = ShortPlans.IsShort(plan),
            Source = source,
            Writer = writer,
            KeySlot = compiler.Slots[plan.Key.KeyColumn],
            Current = CurrentSlots(update.TargetScan, table, compiler),
            Assignments = [.. update.Assignments.Select(a => (a.Ordinal, compiler.Expressions.Compile(a.Expression)))],
            Streams = Streams(plan.Source, tables) && !update.Assignments.Any(a => BoundWalker.ContainsSubquery(a.Expression)),
            Point = PoliciesRead(update.Target) ? null : PointOf(source, tables),
            ChangesKey = update.Assignments.Any(a => writer.Rows.KeyOrdinals.Contains(a.Ordinal) || referenced.Contains(a.Ordinal)),
            Returning = CompileReturning(update.Returning, compiler),
        };
    }

    private static CompiledDelete CompileDelete(DeletePlan plan, PlanCompiler compiler, ImmutableArray<CompiledCommonTable> tables)
    {
        var delete = plan.Delete;
        var source = compiler.Compile(plan.Source);
        return new CompiledDelete
        {
            Plan = compiler.Slots.Plan,
            CommonTables = tables,
            IsShort = ShortPlans.IsShort(plan),
            Source = source,
            Writer = new TableWriterTemplate(delete.Target, compiler),
            KeySlot = compiler.Slots[plan.Key.KeyColumn],
            Current = CurrentSlots(delete.TargetScan, delete.Target.Table, compiler),
            Streams = Streams(plan.Source, tables),
            Point = PointOf(source, tables),
            Returning = CompileReturning(delete.Returning, compiler),
        };
    }

    private static CompiledMerge CompileMerge(MergePlan plan, PlanCompiler compiler, ImmutableArray<CompiledCommonTable> tables)
    {
        var merge = plan.Merge;
        var table = merge.Target.Table;
        var source = compiler.Compile(plan.Source);
        var writer = new TableWriterTemplate(merge.Target, compiler);
        return new CompiledMerge
        {
            Plan = compiler.Slots.Plan,
            CommonTables = tables,
            Source = source,
            Writer = writer,
            KeySlot = compiler.Slots[plan.Key.KeyColumn],
            Current = CurrentSlots(merge.TargetScan, table, compiler),
            Actions = [.. merge.Actions.Select(Compile)],
        };

        CompiledMergeAction Compile(BoundMergeAction action)
        {
            var left = action.Kind != Syntax.MergeKind.Insert ? []
                : Enumerable.Range(0, table.Columns.Length).Except(action.Values.Select(v => v.Ordinal)).Except(merge.Target.Generated.Select(g => g.Ordinal));
            return new CompiledMergeAction(
                action.Matched, action.Kind, compiler.Expressions.CompileOptional(action.Condition),
                [.. action.Values.Select(v => (v.Ordinal, compiler.Expressions.Compile(v.Expression)))],
                [.. left.Select(o => (o, writer.Defaults.Length > o ? writer.Defaults[o] : null))],
                action.Values.Any(v => writer.Rows.KeyOrdinals.Contains(v.Ordinal)) || !table.ReferencedBy.IsEmpty,
                compiler.Expressions.CompileOptional(action.Policy));
        }
    }

    private static CompiledReturning? CompileReturning(BoundReturning? returning, PlanCompiler compiler) =>
        returning is null ? null : new CompiledReturning(compiler.Expressions.Compile(returning.Items.Select(i => i.Expression)));

    private static int[] CurrentSlots(BoundScan scan, TableDescriptor table, PlanCompiler compiler) =>
        [.. table.Columns.Select(c => compiler.Slots[scan.Columns[scan.ColumnIds.IndexOf(c.Id)]])];

    private static bool Streams(PlanNode source, ImmutableArray<CompiledCommonTable> tables) => tables.IsEmpty && source switch
    {
        PlanScan scan => scan.Filter is null || !BoundWalker.ContainsSubquery(scan.Filter),
        PlanProject project => Streams(project.Input, tables) && !project.Items.Any(i => BoundWalker.ContainsSubquery(i.Expression)),
        _ => false,
    };

    private static ScanTemplate? PointOf(OperatorTemplate source, ImmutableArray<CompiledCommonTable> tables) =>
        tables.IsEmpty && source is ScanTemplate { IsPoint: true, Index: null, Ranges.IsSingle: true } scan ? scan : null;

    private static bool Reads(BoundInsert insert, TableDescriptor table) =>
        insert.Accesses.Accesses.Any(a => a.ObjectId == table.Id && a.Rule != AccessRule.Integrity && (a.Required & Privilege.Select) != 0);

    /// <summary>Whether checking a new row reads tables.</summary>
    private static bool PoliciesRead(BoundTarget target) => target.InsertPolicies.Concat(target.UpdatePolicies).Any(p => BoundWalker.ContainsSubquery(p.Condition));

    private static bool HasSubquery(BoundNode node) => BoundWalker.Expressions(node).Any(BoundWalker.ContainsSubquery) || BoundWalker.Inputs(node).Any(HasSubquery);
}
