using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>The simple query protocol: several statements in one text, in one implicit transaction.</summary>
public sealed partial class Session
{
    private const int MaxAttempts = 24;

    private readonly StatementCache<ParsedQuery> _queries = new(entries: 128, bytes: 1 << 20);
    private readonly StatementCache<LiftedStatements> _lifted = new(entries: 256, bytes: 1 << 18);
    private readonly StatementScan _scan = new();
    private bool _retryAllowed = true;

    /// <summary>What <see cref="_scan"/> holds of the text that is about to be parsed.</summary>
    private readonly record struct QueryShape(bool IsScanned, LiftedStatements? Lifted);

    /// <summary>Runs a Query message's text. Everything but ReadyForQuery goes to the sink, errors too. Returns the error, if there was one.</summary>
    public async ValueTask<SqlException?> QueryAsync(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            ForgetAudited();
            _retries = 0;
            _unnamedStatement = null;
            if (_unnamedPortal is { } portal)
            {
                _unnamedPortal = null;
                await portal.CloseAsync();
            }

            var query = FindQuery(utf8.Span, out var shape);
            if (query is null)
            {
                await WorkerThread.SwitchAsync();
                query = ParseQuery(utf8.Span, shape);
            }

            if (query.Statements.IsEmpty)
            {
                _sink.EmptyQuery();
                if (_block == BlockState.Implicit)
                    await CommitTransactionAsync();
                return null;
            }

            try
            {
                await RunQueryAsync(query);
            }
            catch (LiftedStatementOutdatedException)
            {
                // Nothing has run: the plan was found wanting in front of it.
                await RunQueryAsync(ParseAnew(utf8.Span));
            }

            return null;
        }
        catch (Exception e)
        {
            return await FailAsync(e);
        }
    }

    public ValueTask<SqlException?> QueryAsync(string text) => QueryAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>A text that came before, or one of its shape. Else what is known of the shape.</summary>
    private ParsedQuery? FindQuery(ReadOnlySpan<byte> utf8, out QueryShape shape)
    {
        shape = default;
        if (_queries.TryGet(utf8, out var known))
            return known;
        var isScanned = _scan.TryScan(utf8);
        LiftedStatements? lifted = null;
        if (isScanned && _lifted.TryGet(_scan.Shape, out lifted) && lifted.Find(utf8, _scan.Constants, Settings.Format) is { } found)
        {
            found.Statement.Text = Encoding.UTF8.GetString(utf8);
            return new ParsedQuery([found.Statement]) { Parameters = found.Parameters };
        }

        shape = new QueryShape(isScanned, lifted);
        return null;
    }

    private ParsedQuery ParseQuery(ReadOnlySpan<byte> utf8, QueryShape shape)
    {
        var (isScanned, lifted) = shape;
        var text = Encoding.UTF8.GetString(utf8);
        var statements = _host.Engine.Parse(text);
        var parsed = new ParsedQuery([.. statements.Select(s => new PreparedStatement(statements.Length == 1 || s.Text.Length == 0 ? text : s.Text, s, []) { IsSimple = true, IsOneOfMany = statements.Length > 1 })]);
        _queries.Add(utf8, parsed);
        if (isScanned && lifted is null)
            _lifted.Add(_scan.Shape, new LiftedStatements());
        else if (lifted is { IsClosed: false } && statements.Length == 1 && _block != BlockState.Failed)
            Lift(lifted, statements[0], text, utf8);
        return parsed;
    }

    /// <summary>Plans the statement for all texts of its shape. Whatever stands in the way of that is no fault of the text: it runs as it is.</summary>
    private void Lift(LiftedStatements shape, Statement syntax, string text, ReadOnlySpan<byte> utf8)
    {
        if (ConstantLifter.Lift(syntax) is not var (changed, constants) || LiftedStatements.Match(utf8, _scan.Constants, constants) is not { } ordinals)
        {
            shape.Close();
            return;
        }

        var types = ordinals.Select(o => _scan.Constants[o.Ordinal] switch
        {
            { Kind: LiteralKind.Integer, IsInt8: var isInt8 } => isInt8 ? SqlTypes.Int8 : SqlTypes.Int4,
            { Kind: LiteralKind.Decimal } => SqlTypes.Numeric,
            _ => null,
        }).ToImmutableArray();
        var statement = new PreparedStatement(text, changed, types) { IsSimple = true, IsLifted = true };
        try
        {
            RunTimed(statement, Describe);
        }
        catch (SqlException)
        {
            shape.Close();
            return;
        }

        if (statement.Plan is { FitsAllValues: true, ReadsClock: false } && constants.All(c => LiftedStatements.IsSafe(statement.ParameterTypes[c.Number - 1], c.Kind)))
            shape.Add(statement, utf8, _scan.Constants, ordinals);
        else
            shape.Close();
    }

    /// <summary>As if no text of its shape had been seen.</summary>
    private ParsedQuery ParseAnew(ReadOnlySpan<byte> utf8)
    {
        if (_scan.TryScan(utf8) && _lifted.TryGet(_scan.Shape, out var lifted))
            lifted.Forget();
        return FindQuery(utf8, out var shape) ?? ParseQuery(utf8, shape);
    }

    private async ValueTask RunQueryAsync(ParsedQuery query)
    {
        var statements = query.Statements;
        var (implicitStart, implicitMark, attempt) = (0, 0L, 0);
        for (var index = 0; index < statements.Length; index++)
        {
            if (_block == BlockState.Idle)
                (implicitStart, implicitMark) = (index, _sink.Mark());
            try
            {
                await RunSimpleAsync(statements[index], query.Parameters, isLast: index == statements.Length - 1);
            }
            catch (Exception e) when (MayRetry(e, attempt) && _sink.CanCut(implicitMark))
            {
                _host.Metrics.Retried();
                await AbortTransactionAsync();
                _sink.Cut(implicitMark, _sink.Mark());
                await BackOffAsync(++attempt);
                _retries = attempt;
                index = implicitStart - 1;
            }
        }
    }

    private async ValueTask RunSimpleAsync(PreparedStatement statement, Datum[] parameters, bool isLast)
    {
        var portal = new Portal("", statement, parameters, ResultFormats.Text);
        string? tag;
        try
        {
            tag = await RunPortalAsync(portal, 0, describe: true);
        }
        catch
        {
            await portal.CloseAsync();
            throw;
        }

        // The commit's outcome decides whether the statement is told as complete.
        if (isLast && _block == BlockState.Implicit)
            await CommitTransactionAsync();
        _sink.CommandComplete(tag!);
    }

    /// <summary>An implicit transaction of which the client has seen nothing may be run again after a serialization failure or a deadlock.</summary>
    private bool MayRetry(Exception exception, int attempt) =>
        _block == BlockState.Implicit && _retryAllowed && attempt < MaxAttempts && _termination is null &&
        exception is SqlException { State.Code: "40001" or "40P01" };

    private static async ValueTask BackOffAsync(int attempt)
    {
        if (attempt > 2)
            await Task.Delay(Random.Shared.Next(1, 1 << Math.Min(attempt, 6)));
    }
}
