using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sessions.Settings;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>Statements that concern the session itself.</summary>
public sealed partial class Session
{
    private static readonly ImmutableArray<ResultColumn> s_showAllColumns =
    [
        new("name", SqlTypes.Text, -1, 0, 0), new("setting", SqlTypes.Text, -1, 0, 0), new("description", SqlTypes.Text, -1, 0, 0),
    ];

    private static bool RunsHere(Statement statement) => statement switch
    {
        BeginStatement or CommitStatement or RollbackStatement or SavepointStatement or ReleaseSavepointStatement or RollbackToSavepointStatement or SetTransactionStatement or
            SetConstraintsStatement or SetRoleStatement or SetSessionAuthorizationStatement or DiscardStatement or PrepareStatement or ExecuteStatement or DeallocateStatement or
            DeclareCursorStatement or FetchStatement or CloseStatement or ListenStatement or UnlistenStatement or NotifyStatement or NoOperationStatement or CancelStatement => true,
        SetStatement set => !set.Cluster,
        ResetStatement reset => !reset.Cluster,
        ShowStatement show => show.Kind is "VARIABLE" or "ALL" or "TRANSACTION STATUS",
        ExplainStatement explain => explain.Statement is ExecuteStatement,
        _ => false,
    };

    /// <summary>Result columns and parameter types, for Describe.</summary>
    private void DescribeUtility(PreparedStatement statement, Statement syntax)
    {
        switch (syntax)
        {
            case ShowStatement { Kind: "ALL" }:
                statement.Columns = s_showAllColumns;
                break;
            case ShowStatement { Kind: "TRANSACTION STATUS" }:
                statement.Columns = [new ResultColumn("transaction status", SqlTypes.Text, -1, 0, 0)];
                break;
            case ShowStatement show:
                statement.Columns = [new ResultColumn(SettingTable.Find(show.Name!)?.Name ?? show.Name!, SqlTypes.Text, -1, 0, 0)];
                break;
            case FetchStatement { IsMove: false } fetch:
                statement.Columns = FindCursor(fetch.Cursor).Statement.Columns;
                break;
            case ExecuteStatement execute:
                statement.Columns = FindNamed(execute.Name).Columns;
                break;
            case ExplainStatement:
                statement.Columns = [new ResultColumn("QUERY PLAN", SqlTypes.Text, -1, 0, 0)];
                break;
            case DeclareCursorStatement declare:
                var inner = new PreparedStatement(statement.Text, declare.Query, statement.DeclaredTypes);
                Describe(inner);
                statement.ParameterTypes = inner.ParameterTypes;
                break;
        }
    }

    private async ValueTask<IStatementResult> StartUtilityAsync(PreparedStatement statement, Statement syntax, Datum[] parameters)
    {
        // A simple query comes here without Describe; a name may mean something else since it was described.
        if (!statement.IsDescribed || syntax is FetchStatement or ExecuteStatement)
            DescribeUtility(statement, syntax);
        if (syntax is not (BeginStatement or CommitStatement or RollbackStatement))
            EnterTransaction();
        switch (syntax)
        {
            case BeginStatement begin:
                return Begin(begin);
            case CommitStatement commit:
                return await CommitBlockAsync(commit);
            case RollbackStatement rollback:
                return await RollbackBlockAsync(rollback);
            case SavepointStatement savepoint:
                return Savepoint(savepoint);
            case ReleaseSavepointStatement release:
                return Release(release);
            case RollbackToSavepointStatement rollbackTo:
                return await RollbackToAsync(rollbackTo);
            case SetTransactionStatement setTransaction:
                return SetTransaction(setTransaction);
            case SetConstraintsStatement constraints:
                return await SetConstraintsAsync(constraints);
            case DeclareCursorStatement declare:
                return await DeclareAsync(statement, declare, parameters);
            case FetchStatement fetch:
                return await FetchAsync(fetch);
            case CloseStatement close:
                return await CloseCursorsAsync(close.Cursor);
            case ExecuteStatement execute:
                return await ExecuteNamedAsync(execute);
            case ExplainStatement explain:
                return await ExplainExecuteAsync(statement, explain);
            case DiscardStatement discard:
                return await DiscardAsync(discard);
            default:
                return StartSimpleUtility(syntax);
        }
    }

    private UtilityResult StartSimpleUtility(Statement syntax)
    {
        switch (syntax)
        {
            case SetStatement set:
                Set(set);
                return new UtilityResult("SET");
            case ResetStatement reset:
                Reset(reset);
                return new UtilityResult("RESET");
            case SetRoleStatement role:
                SetRole(role);
                return new UtilityResult("SET");
            case SetSessionAuthorizationStatement authorization:
                SetSessionAuthorization(authorization);
                return new UtilityResult("SET");
            case ShowStatement show:
                return Show(show);
            case PrepareStatement prepare:
                PrepareNamed(prepare);
                return new UtilityResult("PREPARE");
            case DeallocateStatement deallocate:
                return Deallocate(deallocate);
            case ListenStatement listen:
                _pendingListens.Add((listen.Channel, true));
                return new UtilityResult("LISTEN");
            case UnlistenStatement unlisten:
                _pendingListens.Add((unlisten.Channel, false));
                return new UtilityResult("UNLISTEN");
            case NotifyStatement notify:
                QueueNotification(notify.Channel, notify.Payload ?? "");
                return new UtilityResult("NOTIFY");
            case CancelStatement cancel:
                return CancelOther(cancel);
            case NoOperationStatement nothing:
                return new UtilityResult(nothing.Tag);
            default:
                throw new InvariantException($"no session statement: {syntax.GetType().Name}");
        }
    }

    private void Set(SetStatement statement)
    {
        if (statement.Local && _block != BlockState.InBlock)
            Notice(new SqlNotice("WARNING", SqlState.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks"));
        var definition = SettingTable.Find(statement.Name);
        var value = statement.Values.IsEmpty ? null : SettingTexts.Flatten(definition, statement.Name, statement.Values);
        SetSetting(statement.Name, value, statement.Local);
    }

    /// <summary>SET, set_config and the like: a few parameters are more than a value.</summary>
    public string SetSetting(string name, string? value, bool local)
    {
        switch (SettingTable.Find(name)?.Name)
        {
            case "transaction_isolation":
                SetIsolation(value ?? Settings[s_defaultIsolation].Text);
                break;
            case "transaction_deferrable":
                _deferrable = SettingParser.ParseBool(value ?? Settings[s_defaultDeferrable].Text) ?? throw SettingErrors.NotBoolean(name);
                break;
            case "transaction_read_only":
                SetReadOnly(SettingParser.ParseBool(value ?? Settings[s_defaultReadOnly].Text) ?? throw SettingErrors.NotBoolean(name));
                break;
            case "role":
                SetRole(new SetRoleStatement(value is null or "none" ? null : new RoleName(value), local));
                break;
            case "session_authorization":
                SetSessionAuthorization(new SetSessionAuthorizationStatement(value is null ? null : new RoleName(value)));
                break;
            case "database":
                UseDatabase(value, local);
                break;
            default:
                Settings.Set(name, value, local);
                break;
        }

        return GetSetting(name) ?? "";
    }

    private void Reset(ResetStatement statement)
    {
        if (statement.Name is { } name)
            SetSetting(name, null, false);
        else
            ResetAllSettings();
    }

    private void ResetAllSettings()
    {
        Settings.ResetAll();
        FollowDatabase();
    }

    public string? GetSetting(string name) => SettingTable.Find(name)?.Name switch
    {
        "transaction_isolation" => _block == BlockState.Idle ? Settings[s_defaultIsolation].Text : _isolationName,
        "transaction_deferrable" => (_block == BlockState.Idle ? Settings[s_defaultDeferrable].Number != 0 : _deferrable) ? "on" : "off",
        "transaction_read_only" => (_block == BlockState.Idle ? Settings[s_defaultReadOnly].Number != 0 : _readOnly) ? "on" : "off",
        _ => Settings.Get(name),
    };

    private UtilityResult Show(ShowStatement statement)
    {
        switch (statement.Kind)
        {
            case "ALL":
                return new UtilityResult("SHOW", [.. SettingTable.All.Select(d => new[] { Datum.FromString(d.Name), Datum.FromString(GetSetting(d.Name) ?? ""), Datum.FromString(d.Description) })]);
            case "TRANSACTION STATUS":
                return new UtilityResult("SHOW", [[Datum.FromString(_block switch { BlockState.InBlock => "Open", BlockState.Failed => "Aborted", _ => "NoTxn" })]]);
            default:
                var value = GetSetting(statement.Name!) ?? throw SettingErrors.Unknown(statement.Name!);
                return new UtilityResult("SHOW", [[Datum.FromString(value)]]);
        }
    }

    private async ValueTask<UtilityResult> SetConstraintsAsync(SetConstraintsStatement statement)
    {
        if (_block != BlockState.InBlock)
            Notice(new SqlNotice("WARNING", SqlState.NoActiveSqlTransaction, "SET CONSTRAINTS can only be used in transaction blocks"));
        HashSet<uint>? constraints = null;
        if (!statement.Names.IsEmpty)
            constraints = [.. statement.Names.SelectMany(FindDeferrable)];
        if (_block == BlockState.InBlock)
            _constraintModes.Set(constraints, statement.Deferred);
        if (!statement.Deferred && _deferredChecks.Count != 0)
            await RunDeferredChecksAsync(constraints);
        return new UtilityResult("SET CONSTRAINTS");
    }

    /// <summary>All constraints of the name in the first schema of the path that has any. 42704 for none, 42809 for one that is not deferrable.</summary>
    private List<uint> FindDeferrable(ObjectName name)
    {
        EnsureTransaction();
        var catalog = Catalog;
        var schemas = name.Schema is { } schemaName ? catalog.TryGetSchema(Database.Id, schemaName, out var schema) ? [schema.Id] : [] : SearchPath;
        foreach (var id in schemas)
        {
            var tables = catalog.Relations(id).OfType<TableDescriptor>().ToList();
            var found = tables.SelectMany(t => t.ForeignKeys).Where(k => k.Name == name.Name).Select(k => (k.Id, k.Deferrable))
                .Concat(tables.SelectMany(t => t.Indexes.Append(t.PrimaryIndex)).Where(i => i.Constraint == name.Name).Select(i => (i.Id, i.Deferrable))).ToList();
            if (found.Exists(f => !f.Deferrable))
                throw new SqlException(SqlState.WrongObjectType, $"constraint \"{name.Name}\" is not deferrable");
            if (found.Count > 0)
                return [.. found.Select(f => f.Id)];
        }

        throw new SqlException(SqlState.UndefinedObject, $"constraint \"{name.Name}\" does not exist");
    }

    private async ValueTask<UtilityResult> DiscardAsync(DiscardStatement statement)
    {
        var what = statement.What.ToUpperInvariant();
        switch (what)
        {
            case "ALL":
                if (_block == BlockState.InBlock)
                    throw SessionErrors.NotInBlock("DISCARD ALL");
                await EndCursorsAsync(heldToo: true, aborted: true);
                SetSessionAuthorization(new SetSessionAuthorizationStatement(null));
                await DropTemporaryObjectsAsync();
                ResetAllSettings();
                _named.Clear();
                ClearPlans();
                UnlistenAll();
                _sequenceValues.Clear();
                _lastSequence = 0;
                break;
            case "PLANS":
                ClearPlans();
                break;
            case "SEQUENCES":
                _sequenceValues.Clear();
                _lastSequence = 0;
                break;
            case "TEMP" or "TEMPORARY":
                await DropTemporaryObjectsAsync();
                what = "TEMP";
                break;
        }

        return new UtilityResult("DISCARD " + what);
    }

    private void ClearPlans()
    {
        _queries.Clear();
        _lifted.Clear();
        _statements.Clear();
    }

    /// <summary>INSERT, SELECT, CREATE TABLE …: what messages and the audit record call a statement.</summary>
    private static string CommandName(Statement statement) => CommandNames.Of(statement);
}
