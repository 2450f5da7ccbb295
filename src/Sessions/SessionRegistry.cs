using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Chitin.Sessions;

/// <summary>All sessions of a node, by process id. The id is random, like the secret beside it, so that the pair is 63 bits that nobody can guess.</summary>
public sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<int, Session> _sessions = new();

    public int Count => _sessions.Count;

    public IEnumerable<Session> Sessions => _sessions.Values;

    public Session? Find(int processId) => _sessions.GetValueOrDefault(processId);

    public int CountOf(uint role) => _sessions.Values.Count(s => s.Principal.SessionUser == role);

    /// <summary>A cancel request. True when the pair belongs to a session, which then stops its statement.</summary>
    public bool TryCancel(int processId, int secret)
    {
        Span<byte> given = stackalloc byte[4];
        Span<byte> expected = stackalloc byte[4];
        var session = Find(processId);
        BinaryPrimitives.WriteInt32BigEndian(given, secret);
        BinaryPrimitives.WriteInt32BigEndian(expected, session?.CancelSecret ?? ~secret);
        if (!CryptographicOperations.FixedTimeEquals(given, expected) || session is null)
            return false;
        session.Cancel();
        return true;
    }

    internal (int ProcessId, int Secret) Register(Session session)
    {
        var secret = RandomInt32();
        while (true)
        {
            var processId = RandomInt32() & int.MaxValue;
            if (processId != 0 && _sessions.TryAdd(processId, session))
                return (processId, secret);
        }
    }

    internal void Remove(Session session) => _sessions.TryRemove(new KeyValuePair<int, Session>(session.BackendPid, session));

    private static int RandomInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }
}
