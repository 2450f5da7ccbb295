using System.Collections.Concurrent;

namespace Chitin.Sessions;

/// <summary>LISTEN and NOTIFY within one node.</summary>
public sealed class NotificationHub
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Session, byte>> _listeners = new(StringComparer.Ordinal);

    internal void Listen(string channel, Session session) => _listeners.GetOrAdd(channel, static _ => new())[session] = 0;

    internal void Unlisten(string channel, Session session)
    {
        if (_listeners.TryGetValue(channel, out var sessions))
            sessions.TryRemove(session, out _);
    }

    /// <summary>Only sessions of the same database hear it, as in PostgreSQL.</summary>
    internal void Notify(uint database, int processId, string channel, string payload)
    {
        if (!_listeners.TryGetValue(channel, out var sessions))
            return;
        foreach (var (session, _) in sessions)
        {
            if (session.Database.Id == database)
                session.Deliver(new Notification(processId, channel, payload));
        }
    }
}

internal readonly record struct Notification(int ProcessId, string Channel, string Payload);
