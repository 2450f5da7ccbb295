using Chitin.Core;

namespace Chitin.Sessions;

/// <summary>Statement timeout, cancel and termination. All end a statement through one token.</summary>
public sealed partial class Session
{
    private readonly Lock _interruptLock = new();
    private readonly CancellationTokenSource _terminated = new();
    private CancellationTokenSource _interrupt = new();
    private bool _cancelledByUser;
    private SqlException? _termination;

    /// <summary>Fires when the session is to end; whoever waits for the client stops waiting.</summary>
    public CancellationToken Terminated => _terminated.Token;

    /// <summary>Why the session is to end (FATAL); null while it is not.</summary>
    public SqlException? Termination => Volatile.Read(ref _termination);

    /// <summary>Stops the running statement with 57014; without effect between statements. Any thread.</summary>
    public void Cancel()
    {
        lock (_interruptLock)
        {
            if (!_running)
                return;
            _cancelledByUser = true;
            // Not here and now: what waits on the token would go on inside this lock, on this thread.
            _ = _interrupt.CancelAsync();
        }
    }

    /// <summary>Ends the session: the running statement stops, and its client is told <paramref name="reason"/> (fatal). Any thread.</summary>
    public void Terminate(SqlException? reason = null)
    {
        lock (_interruptLock)
        {
            if (_disposed || _termination is not null)
                return;
            _termination = reason ?? SessionErrors.AdminShutdown();
            if (_running)
                _ = _interrupt.CancelAsync();
        }

        try
        {
            _terminated.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The session ended between the two steps: what was asked for has happened.
        }
    }

    private void Arm()
    {
        lock (_interruptLock)
        {
            if (_termination is { } termination)
                throw termination;
            if (!_interrupt.TryReset())
            {
                _interrupt.Dispose();
                _interrupt = new CancellationTokenSource();
            }

            _cancelledByUser = false;
            _running = true;
        }

        var timeout = Settings.GetNumber(s_statementTimeout);
        if (timeout > 0)
            _interrupt.CancelAfter(TimeSpan.FromMilliseconds(timeout));
    }

    /// <summary>What a session does after its end is not ended by what ended its last statement.</summary>
    private void Uninterrupt()
    {
        lock (_interruptLock)
        {
            if (!_interrupt.IsCancellationRequested)
                return;
            _interrupt.Dispose();
            _interrupt = new CancellationTokenSource();
        }
    }

    private void Disarm()
    {
        lock (_interruptLock)
            _running = false;
        // The timer must not fire into the commit; the state of the token stays for the error's text.
        if (Settings.GetNumber(s_statementTimeout) > 0)
            _interrupt.CancelAfter(Timeout.Infinite);
    }

    private SqlException InterruptError() =>
        _termination ?? (_cancelledByUser ? SessionErrors.UserCancel() : SessionErrors.StatementTimeout());
}
