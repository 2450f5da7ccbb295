using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>PREPARE, EXECUTE, DEALLOCATE; cursors.</summary>
public sealed partial class Session
{
    private readonly Dictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);

    /// <summary>Named statements, for pg_prepared_statements.</summary>
    public IReadOnlyCollection<NamedStatement> NamedStatements => _named.Values;

    private PreparedStatement FindNamed(string name) =>
        _named.TryGetValue(name, out var found) ? found.Statement : throw SessionErrors.UnknownStatement(name);

    private void PrepareNamed(PrepareStatement prepare)
    {
        if (_named.ContainsKey(prepare.Name))
            throw SessionErrors.DuplicateStatement(prepare.Name);
        var types = prepare.ParameterTypes.IsEmpty ? [] : ResolveTypes(prepare.ParameterTypes);
        var text = _activityText;
        var statement = new PreparedStatement(text, prepare.Statement, types);
        Describe(statement);
        StoreNamed(prepare.Name, statement, fromSql: true);
    }

    /// <summary>Types as written are found by the binder, through a query of NULLs.</summary>
    private ImmutableArray<SqlType?> ResolveTypes(ImmutableArray<TypeName> names)
    {
        var items = names.Select(n => new SelectItem(new CastExpression(new LiteralExpression(LiteralKind.Null, ""), n) { Position = n.Position }, null)).ToImmutableArray();
        var query = new QueryStatement(new QueryExpression(new SelectBody(items)));
        var plan = _host.Engine.Prepare(query, [], MakeEnvironment());
        return [.. plan.Columns!.Value.Select(c => c.Type)];
    }

    private async ValueTask<IStatementResult> ExecuteNamedAsync(ExecuteStatement execute)
    {
        var statement = FindNamed(execute.Name);
        // Arguments may be a query of their own, in the same transaction.
        await EnterTimeAsync(statement.Syntax!);
        var arguments = await ArgumentsAsync(execute, statement);
        return await StartAsync(statement, arguments);
    }

    /// <summary>The arguments of EXECUTE as values of the statement's parameter types. 42601 for a wrong number.</summary>
    private async ValueTask<Datum[]> ArgumentsAsync(ExecuteStatement execute, PreparedStatement statement)
    {
        var types = statement.ParameterTypes;
        if (types.Length != execute.Arguments.Length)
            throw SessionErrors.WrongParameterCount(execute.Name, types.Length, execute.Arguments.Length);
        var values = new Datum[types.Length];
        if (values.Length == 0 || TryLiterals(execute.Arguments, types, values))
            return values;
        var items = ImmutableArray.CreateBuilder<SelectItem>(types.Length);
        for (var i = 0; i < types.Length; i++)
            items.Add(new SelectItem(new CastExpression(execute.Arguments[i], NameOf(types[i])), null));
        var query = new PreparedStatement("", new QueryStatement(new QueryExpression(new SelectBody(items.MoveToImmutable()))), []);
        await using var result = await StartEngineAsync(query, []);
        // As PostgreSQL. It also keeps the record whole: what a statement reads stands in its own access set.
        if (query.Plan!.Accesses.Accesses.Any(a => a.Kind is ObjectKind.Table or ObjectKind.View))
            throw new SqlException(SqlState.FeatureNotSupported, "cannot use subquery in EXECUTE parameter");
        if (await result.MoveNextAsync(_interrupt.Token))
            result.Row.CopyTo(values);
        return values;
    }

    private bool TryLiterals(ImmutableArray<SyntaxExpression> arguments, ImmutableArray<SqlType> types, Datum[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            switch (arguments[i])
            {
                case LiteralExpression { Kind: LiteralKind.Null }:
                    values[i] = Datum.Null;
                    break;
                case LiteralExpression { Kind: LiteralKind.String } text:
                    values[i] = types[i].Parse(text.Text, -1, CurrentFormat());
                    break;
                case LiteralExpression { Kind: LiteralKind.Integer } number when types[i].Category == TypeCategory.Numeric:
                    values[i] = types[i].Parse(number.Text, -1, CurrentFormat());
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static TypeName NameOf(SqlType type) => type.ElementType is { } element
        ? new TypeName([.. NameOf(element).Name], [], 1)
        : new TypeName(type.Oid < PgOid.FirstNormal ? ["pg_catalog", type.Name] : [type.Name], []);

    private async ValueTask<IStatementResult> ExplainExecuteAsync(PreparedStatement outer, ExplainStatement explain)
    {
        var execute = (ExecuteStatement)explain.Statement;
        var inner = FindNamed(execute.Name);
        await EnterTimeAsync(inner.Syntax!);
        var arguments = await ArgumentsAsync(execute, inner);
        var statement = new PreparedStatement(outer.Text, explain with { Statement = inner.Syntax! }, [.. inner.ParameterTypes]);
        return await StartEngineAsync(statement, arguments);
    }

    private UtilityResult Deallocate(DeallocateStatement deallocate)
    {
        if (deallocate.Name is { } name)
        {
            if (!_named.Remove(name))
                throw SessionErrors.UnknownStatement(name);
            return new UtilityResult("DEALLOCATE");
        }

        _named.Clear();
        return new UtilityResult("DEALLOCATE ALL");
    }

    private async ValueTask<UtilityResult> DeclareAsync(PreparedStatement outer, DeclareCursorStatement declare, Datum[] parameters)
    {
        if (_block != BlockState.InBlock && !declare.WithHold)
            throw SessionErrors.OnlyInBlock("DECLARE CURSOR");
        if (_cursors.ContainsKey(declare.Name) || _portals.ContainsKey(declare.Name))
            throw SessionErrors.DuplicateCursor(declare.Name);
        if (_cursors.Count >= MaxNamed)
            throw SessionErrors.TooMany("cursors", MaxNamed);
        if (declare.Query is QueryStatement { Query.Locking.IsEmpty: false } && (declare.WithHold || declare.Scroll == true))
        {
            throw new SqlException(SqlState.FeatureNotSupported, declare.WithHold ? "DECLARE CURSOR WITH HOLD ... FOR UPDATE is not supported" : "DECLARE SCROLL CURSOR ... FOR UPDATE is not supported")
            {
                Detail = declare.WithHold ? "Holdable cursors must be READ ONLY." : "Scrollable cursors must be READ ONLY.",
            };
        }

        var statement = new PreparedStatement(outer.Text, declare.Query is QueryStatement query ? query with { IsCursor = true } : declare.Query, [.. outer.ParameterTypes]);
        var source = await StartEngineAsync(statement, parameters);
        _cursors.Add(declare.Name, new Cursor(declare.Name, statement, source, declare.Scroll ?? MayScroll(declare.Query), declare.WithHold, _host.Memory) { Parameters = parameters, CreatedAt = _host.Clock.GetUtcNow() });
        _retryAllowed = false;
        return new UtilityResult("DECLARE CURSOR");
    }

    /// <summary>Without SCROLL or NO SCROLL a cursor goes backward when its query allows it (PostgreSQL, DECLARE); rows that are locked while they are read do not.</summary>
    private static bool MayScroll(Statement query) => query is QueryStatement { Query.Locking.IsEmpty: true };

    private Cursor FindCursor(string name) => _cursors.GetValueOrDefault(name) ?? throw SessionErrors.UnknownCursor(name);

    /// <summary>WHERE CURRENT OF (execCurrent.c). 24000 for a cursor that stands on no row of the table.</summary>
    Datum[] ISessionServices.CursorRow(string cursor, uint table)
    {
        var found = FindCursor(cursor);
        var name = Catalog.TryGet<RelationDescriptor>(table, out var relation) ? relation.Name : "";
        if (found.Statement.Syntax is not QueryStatement query)
            throw new SqlException(SqlState.InvalidCursorState, $"cursor \"{cursor}\" is not a SELECT query");
        if (found.IsHeld)
            throw new SqlException(SqlState.InvalidCursorState, $"cursor \"{cursor}\" is held from a previous transaction");
        if (!found.IsOver(table))
        {
            throw new SqlException(SqlState.InvalidCursorState, query.Query.Locking.IsEmpty
                ? $"cursor \"{cursor}\" is not a simply updatable scan of table \"{name}\""
                : $"cursor \"{cursor}\" does not have a FOR UPDATE/SHARE reference to table \"{name}\"");
        }

        return found.IsOnRow ? found.KeyOf(table) : throw new SqlException(SqlState.InvalidCursorState, $"cursor \"{cursor}\" is not positioned on a row");
    }

    private async ValueTask<IStatementResult> FetchAsync(FetchStatement fetch)
    {
        var cursor = FindCursor(fetch.Cursor);
        _statementInTransaction++;
        (_engineStatement, _engineParameters, _engineCatalog) = (cursor.Statement, cursor.Parameters, Catalog);
        var rows = new FetchResult(cursor, fetch);
        if (fetch.IsMove)
        {
            while (await rows.MoveNextAsync(_interrupt.Token))
            {
            }
        }

        return rows;
    }

    private async ValueTask<UtilityResult> CloseCursorsAsync(string? name)
    {
        if (name is null)
        {
            await EndCursorsAsync(heldToo: true, aborted: true);
            return new UtilityResult("CLOSE CURSOR ALL");
        }

        var cursor = FindCursor(name);
        _cursors.Remove(name);
        await cursor.DisposeAsync();
        return new UtilityResult("CLOSE CURSOR");
    }

    /// <summary>At the end of a transaction: held cursors are kept (a commit reads them to their end), the others close.</summary>
    private async ValueTask EndCursorsAsync(bool heldToo, bool aborted)
    {
        foreach (var cursor in _cursors.Values.ToArray())
        {
            if (!heldToo && cursor.IsHeld)
                continue;
            if (!heldToo && !aborted && cursor.WithHold)
            {
                await cursor.HoldAsync(CancellationToken.None);
                continue;
            }

            _cursors.Remove(cursor.Name);
            await cursor.DisposeAsync();
        }
    }
}
