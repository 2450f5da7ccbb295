using System.Text;
using Chitin.Core;
using Chitin.Protocol;
using Chitin.Protocol.Backend;
using Chitin.Protocol.Frontend;
using Chitin.Sessions;

namespace Chitin.Server.PgWire;

/// <summary>
/// Serves one signed-in client: takes as many messages as have arrived, answers into the buffer, and sends at the end of each query (Sync, Query), when the client asks for it (Flush) or when the buffer is full.
/// </summary>
internal sealed class MessageLoop(Session session, WireInput input, WireSink sink) : IDisposable
{
    /// <summary>A longer message is not taken apart on the socket's thread.</summary>
    private const int LongMessage = 8 * 1024;

    /// <summary>After so many messages without a wait the socket's thread is left to others.</summary>
    private const int MaxMessagesInRow = 64;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _notified = new(0);
    private readonly uint[] _types = new uint[64];
    private Task<bool>? _pendingRead;
    private bool _skipToSync;
    private bool _flushDue = true;
    private int _inRow;

    /// <summary>Runs until the client leaves, the session is terminated or the protocol is broken. Throws IOException when the connection breaks.</summary>
    public async Task RunAsync(CancellationToken closed)
    {
        session.NotificationArrived += Notified;
        try
        {
            while (true)
            {
                if (session.Termination is { } reason)
                {
                    await EndAsync(reason, closed);
                    return;
                }

                if (!input.TryTake(out var code, out var body))
                {
                    if (!await WaitAsync(closed))
                        return;
                    continue;
                }

                if (code == FrontendCode.Terminate)
                    return;
                if (body.Length > LongMessage || ++_inRow > MaxMessagesInRow)
                    await WorkerThread.SwitchAsync();
                if (await HandleAsync(code, body) is { IsFatal: true })
                {
                    await SayLastAsync(closed);
                    return;
                }

                // The answer to one query does not wait for the next one that has been sent along.
                if (_flushDue)
                    await FlushAsync();
            }
        }
        catch (SqlException e) when (e.IsFatal)
        {
            await EndAsync(e, closed);
        }
        finally
        {
            session.NotificationArrived -= Notified;
        }
    }

    public void Dispose() => _notified.Dispose();

    /// <summary>ReadyForQuery with what goes before it.</summary>
    public void Ready()
    {
        session.ReportSettings();
        session.FlushNotifications();
        sink.Writer.Write(new ReadyForQuery(session.State switch
        {
            TransactionState.InTransaction => TransactionStatus.InTransaction,
            TransactionState.Failed => TransactionStatus.Failed,
            _ => TransactionStatus.Idle,
        }));
        _flushDue = true;
    }

    private async ValueTask<SqlException?> HandleAsync(FrontendCode code, ReadOnlyMemory<byte> body)
    {
        if (_skipToSync && code is not FrontendCode.Sync)
            return null;
        try
        {
            switch (code)
            {
                case FrontendCode.Query:
                    Query.Read(body.Span);
                    var error = await session.QueryAsync(body[..^1]);
                    if (error is not { IsFatal: true })
                        Ready();
                    return error;
                case FrontendCode.Parse:
                    if (!TryPrepare(body.Span))
                    {
                        await WorkerThread.SwitchAsync();
                        Prepare(body.Span);
                    }

                    return null;
                case FrontendCode.Bind:
                    await BindAsync(body);
                    return null;
                case FrontendCode.Describe:
                    DescribeTarget(body.Span);
                    return null;
                case FrontendCode.Execute:
                    await ExecuteAsync(body);
                    return null;
                case FrontendCode.Close:
                    await CloseAsync(body);
                    return null;
                case FrontendCode.Sync:
                    return await SyncAsync(body);
                case FrontendCode.Flush:
                    EmptyMessage.Read(body.Span);
                    _flushDue = true;
                    await sink.FlushAsync(session.Terminated);
                    return null;
                case FrontendCode.CopyData or FrontendCode.CopyDone or FrontendCode.CopyFail:
                    // Left over from a COPY that failed: dropped, as in PostgreSQL.
                    return null;
                case FrontendCode.FunctionCall:
                    var refusal = await session.FailAsync(new SqlException(SqlState.FeatureNotSupported, "function call messages are not supported"));
                    Ready();
                    return refusal;
                default:
                    throw ProtocolErrors.InvalidMessageType((byte)code);
            }
        }
        catch (IOException)
        {
            throw;
        }
        catch (Exception e)
        {
            var error = await session.FailAsync(e);
            if (code == FrontendCode.Query)
            {
                if (!error.IsFatal)
                    Ready();
            }
            else if (code == FrontendCode.Sync)
                Ready();
            else
                _skipToSync = true;
            return error;
        }
    }

    /// <summary>Parse of a text that came before.</summary>
    private bool TryPrepare(ReadOnlySpan<byte> body)
    {
        var message = Parse.Read(body);
        if (!session.TryParse(message.Name, KeyOf(message, body)))
            return false;
        _flushDue = false;
        sink.Writer.Write(default(ParseComplete));
        return true;
    }

    private void Prepare(ReadOnlySpan<byte> body)
    {
        var message = Parse.Read(body);
        var count = message.ParameterTypes.Count;
        var types = count <= _types.Length ? _types.AsSpan(0, count) : new uint[count];
        for (var i = 0; i < count; i++)
            types[i] = message.ParameterTypes[i];
        session.Parse(message.Name, KeyOf(message, body), Encoding.UTF8.GetString(message.Text), types);
        _flushDue = false;
        sink.Writer.Write(default(ParseComplete));
    }

    /// <summary>What follows the name (text, zero, types) is the key of the session's plan cache.</summary>
    private static ReadOnlySpan<byte> KeyOf(in Parse message, ReadOnlySpan<byte> body) => body[(message.Name.Length + 1)..];

    private ValueTask BindAsync(ReadOnlyMemory<byte> body)
    {
        var message = Bind.Read(body.Span);
        var statement = session.Statement(message.Statement);
        var parameters = ParameterDecoder.Decode(message, statement.ParameterTypes, session.ParameterFormat());
        var formats = ParameterDecoder.Formats(message.ResultFormats);
        var name = message.Portal.Length == 0 ? "" : Encoding.UTF8.GetString(message.Portal);
        var binding = session.BindAsync(name, statement, parameters, formats);
        _flushDue = false;
        if (!binding.IsCompletedSuccessfully)
            return Finish(binding);
        sink.Writer.Write(default(BindComplete));
        return ValueTask.CompletedTask;

        async ValueTask Finish(ValueTask pending)
        {
            await pending;
            sink.Writer.Write(default(BindComplete));
        }
    }

    private void DescribeTarget(ReadOnlySpan<byte> body)
    {
        var message = Describe.Read(body);
        if (message.Target == Protocol.DescribeTarget.Portal)
        {
            var portal = session.Portal(message.Name);
            sink.Describe(portal.Statement.Columns, portal.Formats);
            return;
        }

        var statement = session.Statement(message.Name);
        sink.Writer.Write(new ParameterDescription([.. statement.ParameterTypes.Select(t => t.Oid)]));
        sink.Describe(statement.Columns, ResultFormats.Text);
    }

    private ValueTask ExecuteAsync(ReadOnlyMemory<byte> body)
    {
        var message = Execute.Read(body.Span);
        _flushDue = false;
        return session.ExecuteAsync(session.Portal(message.Portal), message.MaxRows);
    }

    private async ValueTask CloseAsync(ReadOnlyMemory<byte> body)
    {
        await CloseTarget(body.Span);
        sink.Writer.Write(default(CloseComplete));
    }

    private ValueTask CloseTarget(ReadOnlySpan<byte> body)
    {
        var message = Close.Read(body);
        if (message.Target == Protocol.DescribeTarget.Portal)
            return session.ClosePortalAsync(message.Name.Length == 0 ? "" : Encoding.UTF8.GetString(message.Name));
        session.ForgetStatement(message.Name);
        return ValueTask.CompletedTask;
    }

    private async ValueTask<SqlException?> SyncAsync(ReadOnlyMemory<byte> body)
    {
        EmptyMessage.Read(body.Span);
        _skipToSync = false;
        await session.SyncAsync();
        Ready();
        return null;
    }

    /// <summary>Waits for bytes, after sending what the client waits for. False when the connection has ended.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken closed)
    {
        if (_flushDue)
            await FlushAsync();
        if (_pendingRead is null && !session.IsListening && session.IdleLimit() is null)
        {
            try
            {
                var read = input.ReadHereAsync(session.Terminated);
                if (!read.IsCompleted)
                    _inRow = 0;
                return await read;
            }
            catch (OperationCanceledException) when (session.Termination is not null)
            {
                return true;
            }
        }

        return await WaitForAnythingAsync(closed);
    }

    /// <summary>Waits for bytes, a notification or the end of the client's time.</summary>
    private async ValueTask<bool> WaitForAnythingAsync(CancellationToken closed)
    {
        _pendingRead ??= input.ReadAsync(session.Terminated).AsTask();
        var limit = session.IdleLimit();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(closed);
        var timer = Task.Delay(limit?.Limit ?? Timeout.InfiniteTimeSpan, waiting.Token);
        var notified = session.IsListening ? _notified.WaitAsync(waiting.Token) : timer;
        var first = await Task.WhenAny(_pendingRead, notified, timer);
        await waiting.CancelAsync();
        if (first == _pendingRead)
        {
            var read = _pendingRead;
            _pendingRead = null;
            try
            {
                return await read;
            }
            catch (OperationCanceledException) when (session.Termination is not null)
            {
                return true;
            }
        }

        if (first == timer && limit is { } idle && !closed.IsCancellationRequested)
        {
            session.Terminate(idle.Error);
            return true;
        }

        if (closed.IsCancellationRequested)
            return false;
        session.FlushNotifications();
        await FlushAsync();
        return true;
    }

    private ValueTask EndAsync(SqlException reason, CancellationToken closed)
    {
        sink.Error(reason);
        return SayLastAsync(closed);
    }

    /// <summary>Sends what waits; the end of the session ends the wait for a client that does not read.</summary>
    private async ValueTask FlushAsync()
    {
        try
        {
            await sink.FlushAsync(session.Terminated);
        }
        catch (OperationCanceledException) when (session.Termination is not null)
        {
            // The loop looks for the reason next.
        }
    }

    /// <summary>Sends what is left, unless the client does not read: nobody waits for it then.</summary>
    private async ValueTask SayLastAsync(CancellationToken closed)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(closed);
        patience.CancelAfter(s_patience);
        await sink.FlushAsync(patience.Token);
    }

    private void Notified()
    {
        try
        {
            if (_notified.CurrentCount == 0)
                _notified.Release();
        }
        catch (ObjectDisposedException)
        {
            // The connection ended while the notification was on its way.
        }
    }
}
