using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>COPY.</summary>
public sealed partial class Binder
{
    BoundStatement BindCopy(CopyStatement statement)
    {
        if (statement.FileName is not null)
        {
            throw BindErrors.Error(SqlState.InsufficientPrivilege, "COPY to or from a server file is not available", At(statement),
                hint: "Use STDIN and STDOUT; psql's \\copy command works for anyone.");
        }

        return statement.IsFrom ? BindCopyFrom(statement) : BindCopyTo(statement);
    }

    BoundCopyFrom BindCopyFrom(CopyStatement statement)
    {
        var table = RequireWritableTable(statement.Table!, "copy to", "");
        var target = MakeTarget(table);
        var ordinals = statement.Columns.IsEmpty
            ? [.. Enumerable.Range(0, table.Columns.Length).Where(i => !table.Columns[i].Hidden && table.Columns[i].Generated is null)]
            : ResolveColumns(statement.Columns, table, At(statement.Table));
        foreach (var ordinal in ordinals)
        {
            if (table.Columns[ordinal].Generated is not null)
            {
                throw BindErrors.InvalidReference($"column \"{table.Columns[ordinal].Name}\" is a generated column", At(statement.Table), "Generated columns cannot be used in COPY.");
            }
        }

        CheckCopyColumns(statement.ForceNotNull, "FORCE_NOT_NULL", ordinals, table, statement);
        CheckCopyColumns(statement.ForceNull, "FORCE_NULL", ordinals, table, statement);
        var access = NoteRelation(table, Privilege.Insert);
        foreach (var ordinal in ordinals)
            access.Use(table.Columns[ordinal].Id);
        NoteInserted(table);
        BoundExpression? where = null;
        if (statement.Where is { } condition)
        {
            var scope = new Scope(_scope);
            where = InScope(scope, () =>
            {
                scope.Items.Add(TableItem(table, target.Row, NoteRelation(table, Privilege.Select), null, SchemaNameOf(table), [], null));
                return BindCondition(condition, ClauseKind.CopyWhere, "WHERE");
            });
        }

        target = target with { InsertPolicies = PolicyChecks(table, target.Row, PolicyCommands.Insert, PolicyCommands.None) };
        return new BoundCopyFrom(target, ordinals, statement, where, _accesses);
    }

    void CheckCopyColumns(ImmutableArray<string> names, string option, ImmutableArray<int> ordinals, TableDescriptor table, CopyStatement statement)
    {
        foreach (var name in names)
        {
            var ordinal = OrdinalOf(table, name);
            if (ordinal < 0)
                throw BindErrors.UndefinedColumnOfRelation(name, table.Name, At(statement));
            if (!ordinals.Contains(ordinal))
                throw BindErrors.InvalidReference($"{option} column \"{name}\" not referenced by COPY", At(statement));
        }
    }

    BoundCopyTo BindCopyTo(CopyStatement statement)
    {
        var query = statement.Table is { } name ? BindCopiedTable(name, statement) : BindStatement(statement.Query!);
        var (columns, names) = query switch
        {
            BoundQuery q => (q.Root.Output, q.Names),
            BoundInsert { Returning: { } r } => (ColumnsOf(r), r.Names),
            BoundUpdate { Returning: { } r } => (ColumnsOf(r), r.Names),
            BoundDelete { Returning: { } r } => (ColumnsOf(r), r.Names),
            BoundMerge => throw BindErrors.NotSupported("MERGE not supported in COPY", 0),
            BoundUtility => throw BindErrors.NotSupported("COPY (SELECT INTO) is not supported", At(statement)),
            _ => throw BindErrors.NotSupported("COPY query must have a RETURNING clause", At(statement)),
        };
        foreach (var column in statement.ForceQuote)
        {
            if (!names.Contains(column))
                throw BindErrors.UndefinedColumn(column, At(statement));
        }

        return new BoundCopyTo(WithCommonTables(query), statement, _accesses) { Columns = columns, Names = names };
    }

    static ImmutableArray<BoundColumn> ColumnsOf(BoundReturning returning) => [.. returning.Items.Select(i => i.Column)];

    BoundQuery BindCopiedTable(ObjectName name, CopyStatement statement)
    {
        var found = RequireRelation(name);
        if (found.Relation is ViewDescriptor view)
            throw BindErrors.WrongObject($"cannot copy from view \"{view.Name}\"", At(name), "Try the COPY (SELECT ...) TO variant.");
        if (found.Relation is SequenceDescriptor sequence)
            throw BindErrors.WrongObject($"cannot copy from sequence \"{sequence.Name}\"", At(name));
        if (found.Relation is TableDescriptor table && !statement.Columns.IsEmpty)
            ResolveColumns(statement.Columns, table, At(name));
        var columns = statement.Columns.IsEmpty ? CopiedColumns(found) : statement.Columns;
        ImmutableArray<SelectItem> items = [.. columns.Select(c => new SelectItem(new ColumnReference([c]) { Position = name.Position }, null))];
        return BindTopQuery(new QueryExpression(new SelectBody(items) { From = [new NamedTable(name) { Position = name.Position }] }));
    }

    static IEnumerable<string> CopiedColumns(FoundRelation found) => found.Relation is { } relation
        ? relation.Columns.Where(c => !c.Hidden && c.Generated is null).Select(c => c.Name)
        : found.Virtual!.Columns.Select(c => c.Name);
}
