using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Binding;
using Chitin.Sql.Execution.Copy;
using Chitin.Sql.Execution.Ddl;
using Chitin.Sql.Functions;
using Chitin.Sql.Planning;
using Chitin.Sql.Syntax;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>Text to rows: parse, bind, plan, compile, run. Stateless; shared by all sessions.</summary>
public sealed class SqlEngine(IVirtualTableRegistry? virtualTables, DdlServices ddl) : ISqlEngine
{
    /// <summary>How often a statement is run again at a newer snapshot before the client is told to retry (40001).</summary>
    private const int MaxRestarts = 100;

    public ImmutableArray<Statement> Parse(string sql) => Parser.ParseStatements(sql);

    public IPreparedPlan Prepare(Statement statement, ImmutableArray<SqlType?> parameterTypes, StatementEnvironment environment)
    {
        using var preparation = Preparation.Begin(environment.Interrupt);
        var uses = new CatalogUses(environment.CatalogTransaction.Snapshot, environment.Format.OidNames);
        var clock = new ClockUse();
        var context = MakeContext(environment, parameterTypes, uses, environment.Format with { OidNames = environment.Format.OidNames is null ? null : uses, ClockUse = clock });
        var bound = Binder.Bind(statement, context);
        return new PreparedPlan(statement, bound, context.Parameters.Complete(), uses, environment, BindCompiled(bound, uses, environment))
        {
            ReadsClock = clock.WasRead,
            FitsAllValues = bound is BoundInsert || !bound.Relations.Any(r => uses.TryGet<TableDescriptor>(r.Id, out var table) && table.Indexes.Any(i => i.Predicate is not null)),
        };
    }

    public async ValueTask<bool> LockAsync(IPreparedPlan plan, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        var transaction = environment.Transaction;
        var prepared = (PreparedPlan)plan;
        // What was cannot change: nobody has to wait, neither for a reader of it nor as one.
        foreach (var (id, mode) in transaction.IsHistorical ? [] : prepared.UsedRelations)
            await transaction.LockRelationAsync(id, mode, cancellationToken);
        var changes = false;
        foreach (var id in prepared.ChangedRelations)
        {
            changes = true;
            if (prepared.Statement is CreateIndexStatement)
                await IndexBuilder.LockWritersOutAsync(id, environment, cancellationToken);
            else
                await transaction.LockRelationAsync(id, ChangesRightsAlone(prepared.Statement) ? RelationLock.Read : RelationLock.Exclusive, cancellationToken);
        }

        if (!prepared.IsCurrent(environment))
            return false;
        if (changes)
        {
            // What a definition looks at (rows for an index, NULLs) is the table as it is now.
            transaction.RequireSnapshot(null);
            return true;
        }

        var catalog = environment.CatalogTransaction.Snapshot;
        foreach (var (id, _) in prepared.Bound.Relations)
        {
            if (catalog.DataChangedAt(id) is var at && at > transaction.ReadTimestamp)
                transaction.RequireSnapshot(at);
        }

        return true;
    }

    /// <summary>
    /// GRANT, REVOKE and the audit of a table wait for nobody who reads or writes rows: they count from each session's next statement on, and an open transaction must not hold them off.
    /// </summary>
    private static bool ChangesRightsAlone(Statement statement) =>
        statement is GrantStatement || (statement is AlterTableStatement alter && alter.Actions.All(a => a is SetAuditAction));

    public async ValueTask<IStatementResult> ExecuteAsync(IPreparedPlan plan, Datum[] parameters, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        var prepared = (PreparedPlan)plan;
        switch (prepared.Bound)
        {
            case BoundUtility utility:
                return await new UtilityRunner(this, ddl, environment).RunAsync(utility, cancellationToken);
            case BoundExplain explain:
                return await ExplainRunner.RunAsync(this, explain, parameters, environment, cancellationToken);
            case BoundCopyFrom copy:
                return await CopyRunner.RunFromAsync(this, (CompiledCopyFrom)prepared.Compiled!, copy, environment, cancellationToken);
            case BoundCopyTo copy:
                return await CopyRunner.RunToAsync(this, prepared.Compiled!, copy, parameters, environment, cancellationToken);
            default:
                return await RunAsync(prepared.Compiled!, prepared.Bound, parameters, environment, null, cancellationToken);
        }
    }

    public ValueTask BuildIndexAsync(IndexBuild build, StatementEnvironment environment, CancellationToken cancellationToken) =>
        new IndexBuilder(this, build, environment, cancellationToken).StepAsync();

    public ValueTask AbandonIndexAsync(IndexBuild build, StatementEnvironment environment, CancellationToken cancellationToken) =>
        new IndexBuilder(this, build, environment, cancellationToken).AbandonAsync();

    /// <summary>Runs a query or a data change, again at a newer snapshot when its rows changed under it.</summary>
    internal async ValueTask<IStatementResult> RunAsync(CompiledStatement compiled, BoundStatement bound, Datum[] parameters, StatementEnvironment environment,
        Instrumentation? instrumentation, CancellationToken cancellationToken)
    {
        var transaction = environment.Transaction;
        if (compiled is not CompiledQuery && transaction.IsReadOnly)
            throw new SqlException(SqlState.ReadOnlySqlTransaction, $"cannot execute {Tag(bound)} in a read-only transaction");
        for (var attempt = 0; ; attempt++)
        {
            transaction.BeginStatement();
            environment.StatementChecks.Clear();
            var state = new ExecutionState(compiled.Plan, parameters, environment) { Instrumentation = instrumentation };
            var foreignKeys = new ForeignKeyEnforcer(environment, new TargetWriters(environment, table => CompileTarget(table, environment)));
            var runner = new StatementRunner(state, foreignKeys, cancellationToken);
            try
            {
                if (compiled is CompiledQuery query)
                {
                    await runner.RunCommonTablesAsync(query);
                    await foreignKeys.FinishAsync();
                    return query.Locks.IsEmpty
                        ? new QueryResult(state, query)
                        : await LockedQueryResult.RunAsync(state, query, environment, cancellationToken);
                }

                await runner.RunChangeAsync(compiled);
                await foreignKeys.FinishAsync();
                state.CloseSubplans();
                return new ChangeResult(Tag(bound), runner.Affected, HasReturning(bound) ? runner.Returned : null) { State = state };
            }
            catch (StatementRestartException) when (attempt < MaxRestarts)
            {
                state.Close();
                transaction.RestartStatement();
            }
            catch (StatementRestartException)
            {
                state.Close();
                throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent update");
            }
            catch
            {
                state.Close();
                throw;
            }
        }
    }

    internal BindingContext MakeContext(StatementEnvironment environment, ImmutableArray<SqlType?> parameterTypes) =>
        MakeContext(environment, parameterTypes, environment.CatalogTransaction.Snapshot, environment.Format);

    private BindingContext MakeContext(StatementEnvironment environment, ImmutableArray<SqlType?> parameterTypes, ICatalogSnapshot catalog, FormatSettings format) => new()
    {
        Catalog = catalog,
        Database = environment.Session.Database,
        SearchPath = environment.Session.SearchPath,
        Principal = environment.Session.Principal,
        Gate = environment.Session.Gate,
        RowSecurity = environment.RowSecurity,
        Format = format,
        VirtualTables = virtualTables,
        ShownRows = utility => new ShownTable(utility),
        Parameters = new ParameterTypes(parameterTypes),
        Notice = environment.Session.Notice,
    };

    /// <summary>Plans and compiles what runs through operators; null for utility statements.</summary>
    internal static CompiledStatement? BindCompiled(BoundStatement bound, ICatalogSnapshot snapshot, StatementEnvironment environment)
    {
        var planner = new Planner(snapshot);
        switch (bound)
        {
            case BoundQuery or BoundInsert or BoundUpdate or BoundDelete or BoundMerge:
                return StatementCompiler.Compile(planner.Plan(bound), planner);
            case BoundCopyTo copy:
                return StatementCompiler.Compile(planner.Plan(copy.Query), planner);
            case BoundCopyFrom copy:
                planner.UseTarget(copy.Target);
                return StatementCompiler.Compile(copy, new PlanCompiler(planner));
            default:
                return null;
        }
    }

    /// <summary>COPY FROM after the statement itself has changed its table's storage. Its accesses are those that the gate has checked.</summary>
    internal CompiledCopyFrom CompileAgain(BoundCopyFrom copy, StatementEnvironment environment)
    {
        var bound = (BoundCopyFrom)Binder.Bind(copy.Options, MakeContext(environment, []));
        if (bound.Target.Table.Id != copy.Target.Table.Id)
            throw new SqlException(SqlState.SerializationFailure, "could not serialize access due to concurrent change of definitions");
        return (CompiledCopyFrom)BindCompiled(bound, environment.CatalogTransaction.Snapshot, environment)!;
    }

    /// <summary>The writer of a table that a foreign key leads to.</summary>
    internal (TableWriterTemplate Template, CompiledPlan Plan) CompileTarget(TableDescriptor table, StatementEnvironment environment)
    {
        var target = Binder.BindTarget(table, MakeContext(environment, []));
        var planner = new Planner(environment.CatalogTransaction.Snapshot);
        var compiler = new PlanCompiler(planner);
        return (new TableWriterTemplate(target, compiler), compiler.Slots.Plan);
    }

    internal static string Tag(BoundStatement bound) => bound switch
    {
        BoundInsert => "INSERT",
        BoundUpdate => "UPDATE",
        BoundDelete => "DELETE",
        BoundMerge => "MERGE",
        _ => "SELECT",
    };

    private static bool HasReturning(BoundStatement bound) => bound is BoundInsert { Returning: not null } or BoundUpdate { Returning: not null } or BoundDelete { Returning: not null };
}

/// <summary>A bound and compiled statement.</summary>
internal sealed class PreparedPlan(Statement statement, BoundStatement bound, ImmutableArray<SqlType> parameterTypes, CatalogUses uses, StatementEnvironment environment, CompiledStatement? compiled)
    : IPreparedPlan
{
    private readonly ImmutableArray<uint> _searchPath = environment.Session.SearchPath;
    private readonly uint _user = environment.Session.Principal.CurrentUser;
    private readonly uint _database = environment.Session.Database.Id;
    private readonly bool _rowSecurity = environment.RowSecurity;
    private long _version = uses.Version;

    public Statement Statement => statement;

    public BoundStatement Bound => bound;

    public CompiledStatement? Compiled => compiled;

    public ImmutableArray<SqlType> ParameterTypes => parameterTypes;

    public ImmutableArray<ResultColumn>? Columns { get; } = Describe(bound);

    public AccessSet Accesses => bound.Accesses;

    /// <summary>Relations that the statement uses, those too whose rows it changes by foreign keys.</summary>
    public ImmutableArray<(uint Id, RelationLock Mode)> UsedRelations { get; } = Used(bound);

    /// <summary>Relations whose definition the statement changes, or that it locks more strongly than readers and writers of rows do (manual 13.3.1).</summary>
    public ImmutableArray<uint> ChangedRelations { get; } =
        bound is BoundUtility { Syntax: not (ShowStatement or MaintenanceStatement or LockTableStatement { Mode: "ACCESS SHARE" or "ROW SHARE" or "ROW EXCLUSIVE" }) } utility ? [.. utility.Objects.OfType<RelationDescriptor>().Select(r => r.Id)] : [];

    public bool IsReadOnly => bound is BoundQuery or BoundExplain or BoundCopyTo { Query: BoundQuery } || (bound is BoundUtility && statement is ShowStatement or LockTableStatement);

    public bool IsShort => compiled is { IsShort: true };

    public bool FullTableScan => compiled is { FullTableScan: true };

    public bool FullIndexScan => compiled is { FullIndexScan: true };

    public bool IsUtility => bound is BoundUtility;

    public required bool ReadsClock { get; init; }

    public required bool FitsAllValues { get; init; }

    public bool IsCurrent(StatementEnvironment environment)
    {
        var current = environment.CatalogTransaction.Snapshot;
        if (_rowSecurity != environment.RowSecurity || _user != environment.Session.Principal.CurrentUser || _database != environment.Session.Database.Id || !_searchPath.AsSpan().SequenceEqual(environment.Session.SearchPath.AsSpan()))
            return false;
        if (Volatile.Read(ref _version) == current.Version)
            return true;
        if (!uses.Hold(current, environment.Format.OidNames))
            return false;

        // Other objects changed. A transaction's own picture is nobody else's: its version is not kept.
        if (!environment.CatalogTransaction.HasChanges)
            Volatile.Write(ref _version, current.Version);
        return true;
    }

    private static ImmutableArray<(uint Id, RelationLock Mode)> Used(BoundStatement bound)
    {
        const Privilege Changes = Privilege.Insert | Privilege.Update | Privilege.Delete;
        var changed = bound.Accesses.Accesses.Where(a => a.Kind == ObjectKind.Table && (a.Required & Changes) != 0).Select(a => a.ObjectId).ToHashSet();
        return
        [
            .. bound.Relations.Select(r => (r.Id, changed.Contains(r.Id) ? RelationLock.Write : RelationLock.Read)),
            .. changed.Except(bound.Relations.Select(r => r.Id)).Select(id => (id, RelationLock.Write)),
        ];
    }

    private static ImmutableArray<ResultColumn>? Describe(BoundStatement bound)
    {
        switch (bound)
        {
            case BoundQuery query:
                return Describe(query.Root.Output, query.Names);
            case BoundInsert { Returning: { } returning }:
                return Describe([.. returning.Items.Select(i => i.Column)], returning.Names);
            case BoundUpdate { Returning: { } returning }:
                return Describe([.. returning.Items.Select(i => i.Column)], returning.Names);
            case BoundDelete { Returning: { } returning }:
                return Describe([.. returning.Items.Select(i => i.Column)], returning.Names);
            case BoundExplain explain:
                return [new ResultColumn("QUERY PLAN", explain.Options.Format == ExplainFormat.Json ? SqlTypes.Json : SqlTypes.Text, -1, 0, 0)];
            case BoundUtility { Columns.IsEmpty: false } utility:
                return [.. utility.Columns.Select(c => new ResultColumn(c.Name, c.Type, -1, 0, 0))];
            default:
                return null;
        }
    }

    private static ImmutableArray<ResultColumn> Describe(ImmutableArray<BoundColumn> columns, ImmutableArray<string> names) =>
        [.. columns.Select((c, i) => new ResultColumn(names[i], c.Type.Oid == PgOid.Unknown ? SqlTypes.Text : c.Type, c.TypeModifier, c.SourceTable, (short)c.SourceColumn))];
}

/// <summary>Rows of a query, straight from its operators.</summary>
internal sealed class QueryResult(ExecutionState state, CompiledQuery query) : IStatementResult
{
    private readonly Operator _root = query.Root.Create(state);
    private readonly Datum[] _row = new Datum[query.Output.Length];
    private bool _opened;

    public ReadOnlySpan<Datum> Row => _row;

    public long AffectedRows { get; private set; }

    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (!_opened)
        {
            _root.Open();
            _opened = true;
        }

        if (!_root.Next())
            return ValueTask.FromResult(false);
        for (var i = 0; i < _row.Length; i++)
            _row[i] = state.Slots[query.Output[i]];
        AffectedRows++;
        return ValueTask.FromResult(true);
    }

    public ImmutableArray<uint> KeyedTables { get; } = [.. query.Keys.Select(k => k.Table)];

    public Datum[][] RowKeys() => Keys(state, query);

    public static Datum[][] Keys(ExecutionState state, CompiledQuery query) => [.. query.Keys.Select(k => k.Slots.Select(s => state.Slots[s]).ToArray())];

    public string CommandTag(long rowsSent) => $"SELECT {rowsSent}";

    public ValueTask DisposeAsync()
    {
        _root.Close();
        state.Close();
        return ValueTask.CompletedTask;
    }
}

/// <summary>FOR UPDATE and so on: every row is locked before it is given out. Rows are collected, so that a restart has sent nothing.</summary>
internal static class LockedQueryResult
{
    public static async ValueTask<IStatementResult> RunAsync(ExecutionState state, CompiledQuery query, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        var root = query.Root.Create(state);
        var rows = new List<Datum[]>();
        List<Datum[][]>? keys = query.Keys.IsEmpty ? null : [];
        root.Open();
        try
        {
            while (root.Next())
            {
                if (!await LockAsync(state, query, environment, cancellationToken))
                    continue;
                Datum[] row = [.. query.Output.Select(s => state.Slots[s])];
                rows.Add(row);
                state.Hold(RowMemory.Of(row));
                keys?.Add(QueryResult.Keys(state, query));
            }
        }
        finally
        {
            root.Close();
            state.CloseSubplans();
        }

        return new ChangeResult("SELECT", rows.Count, rows) { Keys = keys, KeyedTables = [.. query.Keys.Select(k => k.Table)], State = state };
    }

    private static async ValueTask<bool> LockAsync(ExecutionState state, CompiledQuery query, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        foreach (var target in query.Locks)
        {
            var key = state.Slots[target.KeySlot];
            if (key.IsNull)
                continue;
            LockOutcome outcome;
            try
            {
                outcome = await environment.Transaction.LockAsync(key.AsBytes(), target.Mode, target.Wait, cancellationToken);
            }
            catch (SqlException error) when (error.State == SqlState.LockNotAvailable && target.Wait == LockWaitPolicy.NoWait)
            {
                throw new SqlException(SqlState.LockNotAvailable, $"could not obtain lock on row in relation \"{target.Relation}\"");
            }

            switch (outcome)
            {
                case LockOutcome.Skipped:
                    return false;
                case LockOutcome.AcquiredStale:
                    throw new StatementRestartException();
            }
        }

        return true;
    }
}

/// <summary>A finished statement with its buffered rows, if it returns any.</summary>
internal sealed class ChangeResult(string tag, long affected, List<Datum[]>? rows) : IStatementResult
{
    private int _next = -1;

    public ReadOnlySpan<Datum> Row => rows![_next];

    /// <summary>Holds the memory of the rows.</summary>
    public ExecutionState? State { get; init; }

    /// <summary>As many as there are rows.</summary>
    public List<Datum[][]>? Keys { get; init; }

    public ImmutableArray<uint> KeyedTables { get; init; } = [];

    public Datum[][] RowKeys() => Keys?[_next] ?? [];

    public long AffectedRows => affected;

    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => ValueTask.FromResult(rows is not null && ++_next < rows.Count);

    public string CommandTag(long rowsSent) => tag switch
    {
        "INSERT" => $"INSERT 0 {affected}",
        "SELECT" or "UPDATE" or "DELETE" or "MERGE" or "COPY" => $"{tag} {affected}",
        _ => tag,
    };

    public ValueTask DisposeAsync()
    {
        State?.Close();
        return ValueTask.CompletedTask;
    }
}
