using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>
/// The extended query protocol. Methods throw; the caller hands what they throw to <see cref="FailAsync"/> and skips to the next Sync.
/// </summary>
public sealed partial class Session
{
    private const int MaxNamed = 10_000;
    private const int MaxRecordedRuns = 1000;

    private readonly StatementCache<PreparedStatement> _statements = new(entries: 256, bytes: 2 << 20);
    private readonly Dictionary<string, NamedStatement> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Portal> _portals = new(StringComparer.Ordinal);
    private readonly List<Run> _runs = [];
    private PreparedStatement? _unnamedStatement;
    private Portal? _unnamedPortal;

    /// <summary>An Execute in the running implicit transaction and where its output lies, so that it can be run again.</summary>
    private readonly record struct Run(Portal Portal, long Start, long End);

    /// <summary>
    /// Parse of a text that this session has prepared before. <paramref name="key"/> is the text's bytes and what distinguishes it (its parameter types). False: call the other overload.
    /// </summary>
    public bool TryParse(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        if (!_statements.TryGet(key, out var statement))
            return false;
        if (statement.Syntax is { } syntax)
        {
            RequireUsable(syntax);
            if (statement.Plan is { } plan)
            {
                // A Parse means its text anew (constants, result columns), even where the same text was prepared before.
                EnterTransaction();
                if (AskedTime(syntax) is not null || !statement.MeansTheSame(Principal, Settings.Format) || !plan.IsCurrent(MakeEnvironment()))
                    return false;
            }
        }

        Store(name, statement);
        return true;
    }

    /// <summary>Parse. Types: OIDs, 0 = infer. 42601 for several commands, 42P05 for a name in use.</summary>
    public void Parse(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key, string text, ReadOnlySpan<uint> parameterTypes)
    {
        ForgetAudited();
        var parsed = _host.Engine.Parse(text);
        if (parsed.Length > 1)
            throw SessionErrors.MultipleCommands();
        var syntax = parsed.IsEmpty ? null : parsed[0];
        var types = ImmutableArray.CreateBuilder<SqlType?>(parameterTypes.Length);
        foreach (var oid in parameterTypes)
            types.Add(oid is 0 or PgOid.Unknown ? null : FindType(oid));
        var statement = new PreparedStatement(text, syntax, types.MoveToImmutable());
        if (syntax is not null)
        {
            RequireUsable(syntax);
            RunTimed(statement, Describe);
        }

        Store(name, statement);
        _statements.Add(key, statement);
    }

    /// <summary>The statement that a Bind or Describe names; 26000 when there is none.</summary>
    public PreparedStatement Statement(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            return _unnamedStatement ?? throw SessionErrors.UnknownStatement("");
        Span<char> characters = name.Length <= 256 ? stackalloc char[256] : new char[name.Length];
        characters = characters[..Encoding.UTF8.GetChars(name, characters)];
        return _named.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(characters, out var found)
            ? found.Statement
            : throw SessionErrors.UnknownStatement(new string(characters));
    }

    /// <summary>Bind. Parameters are in the statement's types. 42P03 for a portal name in use, 08P01 for a wrong number of values or result formats.</summary>
    public async ValueTask BindAsync(string name, PreparedStatement statement, Datum[] parameters, ResultFormats formats)
    {
        ForgetAudited();
        if (statement.Syntax is { } syntax)
            RequireUsable(syntax);
        if (formats.Count > 1 && formats.Count != (statement.Columns?.Length ?? 0))
            throw new SqlException(SqlState.ProtocolViolation, $"bind message has {formats.Count} result formats but query has {statement.Columns?.Length ?? 0} columns");
        var portal = new Portal(name, statement, parameters, formats);
        EnterTransaction();
        if (name.Length == 0)
        {
            if (_unnamedPortal is { Result: not null } old)
                await old.CloseAsync();
            _unnamedPortal = portal;
            return;
        }

        if (_portals.Count >= MaxNamed)
            throw SessionErrors.TooMany("portals", MaxNamed);
        if (_cursors.ContainsKey(name) || !_portals.TryAdd(name, portal))
            throw SessionErrors.DuplicateCursor(name);
    }

    /// <summary>The settings that text parameters are read with.</summary>
    public FormatSettings ParameterFormat()
    {
        EnterTransaction();
        return CurrentFormat();
    }

    public Portal Portal(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            return _unnamedPortal ?? throw SessionErrors.UnknownPortal("");
        var text = Encoding.UTF8.GetString(name);
        return _portals.GetValueOrDefault(text) ?? throw SessionErrors.UnknownPortal(text);
    }

    /// <summary>Execute: rows and the tag go to the sink. A serialization failure of which nothing was sent is answered by running again.</summary>
    public async ValueTask ExecuteAsync(Portal portal, long maxRows)
    {
        if (portal.Statement.Syntax is null)
        {
            _sink.EmptyQuery();
            return;
        }

        _retries = 0;
        for (var attempt = 0; ; attempt++)
        {
            var start = _sink.Mark();
            try
            {
                await RunToSinkAsync(portal, maxRows, start);
                return;
            }
            catch (Exception e) when (_runs.Count == 0 && maxRows <= 0 && MayRetry(e, attempt) && _sink.CanCut(start))
            {
                await RestartImplicitAsync(portal, attempt + 1);
                _sink.Cut(start, _sink.Mark());
            }
        }
    }

    /// <summary>Sync: ends the implicit transaction. Throws what its commit throws, unless everything in it can be run again.</summary>
    public async ValueTask SyncAsync()
    {
        Run[]? runs = null;
        byte[][] tails = [];
        for (var attempt = 0; _block == BlockState.Implicit; attempt++)
        {
            try
            {
                if (runs is not null)
                    await ReplayAsync(runs, tails);
                await CommitTransactionAsync();
            }
            catch (Exception e) when (MayRetry(e, attempt) && (runs is not null || _runs.Count != 0) && _sink.CanCut((runs ?? [_runs[0]])[0].Start))
            {
                if (runs is null)
                    (runs, tails) = TakeRuns();
                else
                    _sink.Cut(runs[0].Start, _sink.Mark());
                await RestartImplicitAsync(runs[0].Portal, attempt + 1);
            }
        }
    }

    public void ForgetStatement(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            _unnamedStatement = null;
        else
            _named.Remove(Encoding.UTF8.GetString(name));
    }

    public async ValueTask ClosePortalAsync(string name)
    {
        Portal? portal;
        if (name.Length == 0)
            (portal, _unnamedPortal) = (_unnamedPortal, null);
        else
            _portals.Remove(name, out portal);
        if (portal is not null)
            await portal.CloseAsync();
    }

    private async ValueTask RunToSinkAsync(Portal portal, long maxRows, long start)
    {
        var tag = await RunPortalAsync(portal, Math.Max(0, maxRows), describe: false);
        if (tag is null)
            _sink.PortalSuspended();
        else
            _sink.CommandComplete(tag);
        if (_block != BlockState.Implicit)
            return;
        if (tag is null || maxRows > 0 || _runs.Count >= MaxRecordedRuns)
            _retryAllowed = false;
        else if (_retryAllowed)
            _runs.Add(new Run(portal, start, _sink.Mark()));
    }

    private async ValueTask RestartImplicitAsync(Portal portal, int attempt)
    {
        _host.Metrics.Retried();
        await portal.CloseAsync();
        var unnamed = _unnamedPortal;
        var named = _portals.ToArray();
        await AbortTransactionAsync();
        // An abort closes portals; those of the batch are still needed.
        _unnamedPortal = unnamed;
        foreach (var (name, kept) in named)
            _portals[name] = kept;
        portal.IsDone = false;
        await BackOffAsync(attempt);
        _retries = attempt;
        EnterTransaction();
    }

    /// <summary>Takes the batch's output back, and keeps what stood after each Execute (the answers to Bind, Close … behind it).</summary>
    private (Run[] Runs, byte[][] Tails) TakeRuns()
    {
        var runs = _runs.ToArray();
        var tails = new byte[runs.Length][];
        for (var i = runs.Length - 1; i >= 0; i--)
            tails[i] = _sink.Cut(runs[i].Start, runs[i].End);
        return (runs, tails);
    }

    private async ValueTask ReplayAsync(Run[] runs, byte[][] tails)
    {
        for (var i = 0; i < runs.Length; i++)
        {
            runs[i].Portal.IsDone = false;
            await RunToSinkAsync(runs[i].Portal, 0, _sink.Mark());
            _sink.Append(tails[i]);
        }
    }

    private void Store(ReadOnlySpan<byte> name, PreparedStatement statement)
    {
        if (name.Length == 0)
        {
            _unnamedStatement = statement;
            return;
        }

        StoreNamed(Encoding.UTF8.GetString(name), statement, fromSql: false);
    }

    private void StoreNamed(string name, PreparedStatement statement, bool fromSql)
    {
        if (_named.Count >= MaxNamed)
            throw SessionErrors.TooMany("prepared statements", MaxNamed);
        if (!_named.TryAdd(name, new NamedStatement(name, statement, fromSql, _host.Clock.GetUtcNow())))
            throw SessionErrors.DuplicateStatement(name);
    }

    /// <summary>Finds parameter types and result columns.</summary>
    private void Describe(PreparedStatement statement)
    {
        var syntax = statement.Syntax!;
        if (RunsHere(syntax))
        {
            DescribeUtility(statement, syntax);
            statement.IsDescribed = true;
            return;
        }

        EnterTransaction();
        if (AskedTime(syntax) is { } time && _transaction is not { IsHistorical: true })
            DescribeAsOf(statement, AsOfTimes.Resolve(time, _transactionStartedAt, Settings.Format));
        else
            EnsurePlan(statement, MakeEnvironment());
    }

    private void RunTimed(PreparedStatement statement, Action<PreparedStatement> action)
    {
        BeginRun(statement);
        try
        {
            action(statement);
        }
        finally
        {
            EndRun();
        }
    }

    private SqlType FindType(uint oid) =>
        Catalog.TypeByOid(oid) ?? throw new SqlException(SqlState.UndefinedObject, $"type with OID {oid} does not exist");

    private async ValueTask CloseAllPortalsAsync(bool heldToo, bool aborted = false)
    {
        if (_unnamedPortal is { } unnamed)
        {
            _unnamedPortal = null;
            if (unnamed.Result is not null)
                await unnamed.CloseAsync();
        }

        if (_portals.Count != 0)
        {
            foreach (var portal in _portals.Values)
                await portal.CloseAsync();
            _portals.Clear();
        }

        if (_cursors.Count != 0)
            await EndCursorsAsync(heldToo, aborted);
    }
}
