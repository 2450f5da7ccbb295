using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Functions;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>
/// The only way from a name to an object. Turns a syntax tree into a typed tree over descriptors and writes down everything that the statement touches
/// (<see cref="BoundStatement.Accesses"/>); it refuses nothing for want of a privilege. Semantics and texts: PostgreSQL 15 (parser/parse_*.c).
/// </summary>
public sealed partial class Binder
{
    readonly BindingContext _context;
    readonly OverloadResolver _resolver;
    readonly AccessRecorder _recorder = new();
    readonly AccessSet _accesses = new();
    readonly Dictionary<uint, int> _relations = [];
    readonly List<BoundCommonTable> _commonTables = [];

    /// <summary>Where references were written, for errors found later (grouping, coercion).</summary>
    readonly Dictionary<BoundExpression, (int Position, string Name)> _origins = new(ReferenceEqualityComparer.Instance);

    /// <summary>Views whose queries are being bound, outermost first.</summary>
    readonly List<uint> _views = [];

    Scope _scope = new(null);
    uint _onBehalfOf;

    /// <summary>Where names without a database are looked up: the session's database, inside a view the view's.</summary>
    DatabaseDescriptor _database;

    /// <summary>Every name use: the scope that it was found in. Aggregates ask which level their arguments belong to.</summary>
    readonly List<Scope> _uses = [];

    /// <summary>What is being bound can be NULL-extended by an outer join above it.</summary>
    bool _nullExtended;

    /// <summary>Accesses are not recorded: constraint and default expressions run in the table's name.</summary>
    bool _silent;

    Binder(BindingContext context)
    {
        _context = context;
        _resolver = context.Resolver;
        _top = _scope;
        _onBehalfOf = context.Principal.CurrentUser;
        _database = context.Database;
    }

    ICatalogSnapshot Catalog => _context.Catalog;

    /// <summary>
    /// Binds one statement. Parameter types are in <see cref="BindingContext.Parameters"/> afterwards. Errors: class 42 and 0A000, and those of reading constants.
    /// </summary>
    public static BoundStatement Bind(Statement statement, BindingContext context)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(context);
        var binder = new Binder(context);
        var bound = binder.BindStatement(statement);
        context.Parameters.Complete();
        return binder.Finish(bound);
    }

    BoundStatement Finish(BoundStatement bound)
    {
        _recorder.FlushTo(_accesses);
        return bound with { CommonTables = CommonTableOrder.Sort(_commonTables), Relations = [.. _relations.Select(r => (r.Key, r.Value))] };
    }

    BoundStatement BindStatement(Statement statement)
    {
        Preparation.Check();
        return statement switch
        {
            QueryStatement s => BindQueryStatement(s),
            InsertStatement s => BindInsert(s),
            UpdateStatement s => BindUpdate(s),
            DeleteStatement s => BindDelete(s),
            MergeStatement s => BindMerge(s),
            CopyStatement s => BindCopy(s),
            ExplainStatement s => BindExplain(s),
            _ => BindUtility(statement),
        };
    }

    BoundExplain BindExplain(ExplainStatement statement)
    {
        var inner = BindStatement(statement.Statement is DeclareCursorStatement cursor ? cursor.Query : statement.Statement);
        if (inner is BoundUtility and not { Syntax: CreateTableAsStatement })
            throw BindErrors.Syntax("EXPLAIN is possible for queries and data changes only", At(statement));
        return new BoundExplain(WithCommonTables(inner), statement, _accesses);
    }

    /// <summary>The one-based position of a node for errors; 0 inside a view's query, whose text the client did not send.</summary>
    int At(SyntaxNode? node) => node is null || node.Position < 0 || _views.Count > 0 || _silent ? 0 : node.Position + 1;

    T InScope<T>(Scope scope, Func<T> action)
    {
        var saved = _scope;
        _scope = scope;
        try
        {
            return action();
        }
        finally
        {
            _scope = saved;
        }
    }

    T InClause<T>(ClauseKind clause, Func<T> action)
    {
        var scope = _scope;
        var saved = scope.Clause;
        scope.Clause = clause;
        try
        {
            return action();
        }
        finally
        {
            scope.Clause = saved;
        }
    }

    BoundExpression BindIn(ClauseKind clause, SyntaxExpression expression)
    {
        var scope = _scope;
        var saved = scope.Clause;
        scope.Clause = clause;
        try
        {
            return BindExpression(expression);
        }
        finally
        {
            scope.Clause = saved;
        }
    }

    SqlType ArrayOf(SqlType element, int position = 0)
    {
        // Their elements would have to be looked at wherever an array is made.
        if (element is DomainType)
            throw BindErrors.NotSupported("arrays of domains are not supported", position);
        if (element.ArrayOid != 0 && Catalog.TypeByOid(element.ArrayOid) is { } array)
            return array;
        throw BindErrors.Error(SqlState.UndefinedObject, $"could not find array type for data type {element.DisplayName}", position);
    }
}
