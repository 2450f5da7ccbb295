using Chitin.Core;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>
/// SEARCH and CYCLE of WITH RECURSIVE (7.8.2): both terms become derived tables below a SELECT that adds the sequence, mark and path columns, as rewriteSearchCycle.c does.
/// </summary>
public sealed partial class Binder
{
    /// <summary>42601 for names that the clauses use wrongly; <paramref name="names"/> are those of the query itself.</summary>
    void CheckTraversal(CommonTable table, ImmutableArray<string> names)
    {
        if (table.Search is { } search)
        {
            CheckListed("search", search.Columns, names, search);
            CheckNew("search sequence column name", search.Sequence, names, search);
        }

        if (table.Cycle is not { } cycle)
            return;
        CheckListed("cycle", cycle.Columns, names, cycle);
        CheckNew("cycle mark column name", cycle.Mark, names, cycle);
        CheckNew("cycle path column name", cycle.Path, names, cycle);
        CheckDifferent("cycle mark column name and cycle path column name are the same", cycle.Mark, cycle.Path, cycle);
        RequireEquality(_resolver.SelectCommonType([BindExpression(cycle.Value).Type, BindExpression(cycle.Default).Type], "CYCLE"), 0);
        CheckDifferent("search sequence column name and cycle mark column name are the same", table.Search?.Sequence, cycle.Mark, cycle);
        CheckDifferent("search sequence column name and cycle path column name are the same", table.Search?.Sequence, cycle.Path, cycle);
    }

    void CheckListed(string clause, ImmutableArray<string> columns, ImmutableArray<string> names, SyntaxNode at)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (!names.Contains(columns[i]))
                throw BindErrors.Syntax($"{clause} column \"{columns[i]}\" not in WITH query column list", At(at));
            if (columns.IndexOf(columns[i]) != i)
                throw BindErrors.Error(SqlState.DuplicateColumn, $"{clause} column \"{columns[i]}\" specified more than once", At(at));
        }
    }

    void CheckNew(string what, string name, ImmutableArray<string> names, SyntaxNode at)
    {
        if (names.Contains(name))
            throw BindErrors.Syntax($"{what} \"{name}\" already used in WITH query column list", At(at));
    }

    void CheckDifferent(string message, string? one, string other, SyntaxNode at)
    {
        if (one == other)
            throw BindErrors.Syntax(message, At(at));
    }

    static QueryExpression InitialTerm(CommonTable table, QueryExpression term)
    {
        var items = ImmutableArray.CreateBuilder<SelectItem>();
        items.Add(new SelectItem(new StarExpression([]), null));
        if (table.Search is { } search)
        {
            SyntaxExpression first = search.Breadth ? RowOf(search.Columns, new CastExpression(Integer("0"), new TypeName(["pg_catalog", "int8"], []))) : PathOf(search.Columns);
            items.Add(new SelectItem(first, search.Sequence));
        }

        if (table.Cycle is { } cycle)
        {
            items.Add(new SelectItem(MarkOf(cycle, new LiteralExpression(LiteralKind.Boolean, "false")), cycle.Mark));
            items.Add(new SelectItem(PathOf(cycle.Columns), cycle.Path));
        }

        return Select(items.ToImmutable(), term, "*TLOCRN*", table.Columns, null);
    }

    /// <param name="table">With a SEARCH or CYCLE clause.</param>
    /// <param name="term">As written.</param>
    /// <param name="names">Of all columns, the added ones last.</param>
    QueryExpression RecursiveTerm(CommonTable table, QueryExpression term, ImmutableArray<string> names)
    {
        term = Unnest(term);
        if (term.Body is not SelectBody body)
            throw BindErrors.Syntax("with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT", 0);
        var hidden = term.With?.Tables.Any(t => t.Name == table.Name) == true;
        if (hidden || body.From.Select(f => SelfReference(f, table.Name)).FirstOrDefault(n => n is not null) is not { } self)
            throw BindErrors.NotSupported($"with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{table.Name}\" must be at the top level of its right-hand SELECT", At(table));
        var added = names[^table.AddedColumns.Length..];
        var inner = term with { Body = body with { Items = [.. body.Items, .. added.Select(n => new SelectItem(new ColumnReference([self, n]), n))] } };
        var items = ImmutableArray.CreateBuilder<SelectItem>();
        items.AddRange(names[..^added.Length].Select(n => new SelectItem(new ColumnReference([n]), null)));
        if (table.Search is { } search)
        {
            var depth = new BinaryExpression("+", new FieldSelection(new ColumnReference([search.Sequence]), "f1"), Integer("1"), "pg_catalog");
            items.Add(new SelectItem(search.Breadth ? RowOf(search.Columns, depth) : (SyntaxExpression)Append(search.Sequence, search.Columns), null));
        }

        if (table.Cycle is not { } cycle)
            return Select(items.ToImmutable(), inner, "*TROCRN*", names, null);
        items.Add(new SelectItem(MarkOf(cycle, new QuantifiedExpression(RowOf(cycle.Columns), "=", false, new ColumnReference([cycle.Path]), null)), null));
        items.Add(new SelectItem(Append(cycle.Path, cycle.Columns), null));
        return Select(items.ToImmutable(), inner, "*TROCRN*", names, new BinaryExpression("<>", new ColumnReference([cycle.Mark]), cycle.Value, "pg_catalog"));
    }

    static string? SelfReference(TableReference reference, string name) => reference switch
    {
        NamedTable { Name.Schema: null } t when t.Name.Name == name => t.Alias ?? name,
        JoinTable { Alias: null } j => SelfReference(j.Left, name) ?? SelfReference(j.Right, name),
        _ => null,
    };

    static QueryExpression Select(ImmutableArray<SelectItem> items, QueryExpression from, string alias, ImmutableArray<string> names, SyntaxExpression? where) =>
        new(new SelectBody(items) { From = [new DerivedTable(from, false) { Alias = alias, ColumnAliases = names }], Where = where });

    static LiteralExpression Integer(string digits) => new(LiteralKind.Integer, digits);

    static RowExpression RowOf(ImmutableArray<string> columns, params SyntaxExpression[] first) => new([.. first, .. columns.Select(c => new ColumnReference([c]))], true);

    static ArrayExpression PathOf(ImmutableArray<string> columns) => new([RowOf(columns)]);

    static FunctionCall Append(string path, ImmutableArray<string> columns) => new(["pg_catalog", "array_cat"], [new FunctionArgument(new ColumnReference([path])), new FunctionArgument(PathOf(columns))]);

    static CaseExpression MarkOf(CycleClause cycle, SyntaxExpression condition) => new(null, [new CaseWhen(condition, cycle.Value)], cycle.Default);
}
