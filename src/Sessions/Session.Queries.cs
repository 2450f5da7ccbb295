using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sessions;

/// <summary>The simple query protocol: several statements in one text, in one implicit transaction.</summary>
public sealed partial class Session
{
    private const int MaxAttempts = 24;

    private readonly StatementCache<ParsedQuery> _queries = new(entries: 128, bytes: 1 << 20);
    private bool _retryAllowed = true;

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

            var query = ParseQuery(utf8.Span);
            if (query.Statements.IsEmpty)
            {
                _sink.EmptyQuery();
                if (_block == BlockState.Implicit)
                    await CommitTransactionAsync();
                return null;
            }

            await RunQueryAsync(query.Statements);
            return null;
        }
        catch (Exception e)
        {
            return await FailAsync(e);
        }
    }

    public ValueTask<SqlException?> QueryAsync(string text) => QueryAsync(Encoding.UTF8.GetBytes(text));

    private ParsedQuery ParseQuery(ReadOnlySpan<byte> utf8)
    {
        if (_queries.TryGet(utf8, out var known))
            return known;
        var text = Encoding.UTF8.GetString(utf8);
        var statements = _host.Engine.Parse(text);
        var parsed = new ParsedQuery([.. statements.Select(s => new PreparedStatement(statements.Length == 1 || s.Text.Length == 0 ? text : s.Text, s, []))]);
        _queries.Add(utf8, parsed);
        return parsed;
    }

    private async ValueTask RunQueryAsync(ImmutableArray<PreparedStatement> statements)
    {
        var (implicitStart, implicitMark, attempt) = (0, 0L, 0);
        for (var index = 0; index < statements.Length; index++)
        {
            if (_block == BlockState.Idle)
                (implicitStart, implicitMark) = (index, _sink.Mark());
            try
            {
                await RunSimpleAsync(statements[index], isLast: index == statements.Length - 1);
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

    private async ValueTask RunSimpleAsync(PreparedStatement statement, bool isLast)
    {
        var portal = new Portal("", statement, [], ResultFormats.Text);
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
