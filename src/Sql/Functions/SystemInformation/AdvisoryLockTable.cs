using System.Runtime.CompilerServices;
using Chitin.Core;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>
/// Advisory locks of this node (manual 13.3.5): per database and key, shared or exclusive, held by a session until it lets go (session locks, counted) or until its
/// transaction ends. The session calls <see cref="ReleaseTransaction"/> at the end of each transaction and <see cref="ReleaseAll"/> when it ends. Safe for concurrent use.
/// </summary>
public sealed class AdvisoryLockTable
{
    /// <summary>Locks that one session may hold, so that a loop cannot take the node's memory.</summary>
    const int MaxLocksPerSession = 65536;

    static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    readonly Lock _gate = new();

    /// <summary>Number of keys that are locked; read without the lock, so that a transaction without advisory locks ends without it.</summary>
    int _count;

    readonly Dictionary<Key, List<Hold>> _locks = [];
    readonly ConditionalWeakTable<ISessionServices, HeldKeys> _held = [];
    readonly Dictionary<ISessionServices, (Key Key, bool Shared)> _waiting = [];

    public static AdvisoryLockTable Shared { get; } = new();

    /// <summary>Two-key locks live apart from those with one 64-bit key.</summary>
    public readonly record struct Key(uint Database, long Value, bool IsPair);

    sealed class Hold(ISessionServices owner)
    {
        internal ISessionServices Owner { get; } = owner;

        internal int Exclusive, Shared, TransactionExclusive, TransactionShared;

        internal bool IsExclusive => Exclusive + TransactionExclusive > 0;

        internal bool IsEmpty => Exclusive + Shared + TransactionExclusive + TransactionShared == 0;
    }

    sealed class HeldKeys
    {
        internal HashSet<Key> Keys { get; } = [];
    }

    /// <summary>False at once when another session is in the way.</summary>
    internal bool TryAcquire(ISessionServices owner, Key key, bool shared, bool transaction)
    {
        lock (_gate)
        {
            if (Conflicts(owner, key, shared).Count > 0)
                return false;
            Take(owner, key, shared, transaction);
            return true;
        }
    }

    /// <summary>Waits, looking for cancellation; 40P01 when the sessions in the way wait for this one.</summary>
    internal void Acquire(ISessionServices owner, Key key, bool shared, bool transaction, EvaluationContext context)
    {
        if (TryAcquire(owner, key, shared, transaction))
            return;
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (Conflicts(owner, key, shared).Count == 0)
                    {
                        Take(owner, key, shared, transaction);
                        return;
                    }

                    _waiting[owner] = (key, shared);
                    if (WaitsFor(owner, owner, []))
                        throw new SqlException(SqlState.DeadlockDetected, "deadlock detected") { Detail = "Sessions wait for each other's advisory locks." };
                }

                context.Wait(s_poll);
            }
        }
        finally
        {
            lock (_gate)
                _waiting.Remove(owner);
        }
    }

    /// <summary>Gives a session lock back; false when it was not held.</summary>
    internal bool Release(ISessionServices owner, Key key, bool shared)
    {
        lock (_gate)
        {
            if (Find(owner, key) is not { } hold || (shared ? hold.Shared : hold.Exclusive) == 0)
                return false;
            if (shared)
                hold.Shared--;
            else
                hold.Exclusive--;
            Drop(key, hold);
            return true;
        }
    }

    /// <summary>All session locks; those of the transaction stay.</summary>
    internal void ReleaseSession(ISessionServices owner) => ReleaseWhere(owner, static hold => hold.Exclusive = hold.Shared = 0);

    public void ReleaseTransaction(ISessionServices owner) => ReleaseWhere(owner, static hold => hold.TransactionExclusive = hold.TransactionShared = 0);

    public void ReleaseAll(ISessionServices owner) => ReleaseWhere(owner, static hold => hold.Exclusive = hold.Shared = hold.TransactionExclusive = hold.TransactionShared = 0);

    void ReleaseWhere(ISessionServices owner, Action<Hold> release)
    {
        // A session's own locks are visible to it without the lock.
        if (Volatile.Read(ref _count) == 0)
            return;
        lock (_gate)
        {
            if (!_held.TryGetValue(owner, out var held))
                return;
            foreach (var key in held.Keys.ToArray())
            {
                if (Find(owner, key) is not { } hold)
                    continue;
                release(hold);
                Drop(key, hold);
            }
        }
    }

    void Take(ISessionServices owner, Key key, bool shared, bool transaction)
    {
        var held = _held.GetOrCreateValue(owner);
        if (!held.Keys.Contains(key) && held.Keys.Count >= MaxLocksPerSession)
            throw new SqlException(SqlState.OutOfMemory, "too many advisory locks in this session");
        held.Keys.Add(key);
        if (!_locks.TryGetValue(key, out var holds))
            _locks.Add(key, holds = []);
        Volatile.Write(ref _count, _locks.Count);
        var hold = holds.Find(h => ReferenceEquals(h.Owner, owner));
        if (hold is null)
            holds.Add(hold = new Hold(owner));
        switch (shared, transaction)
        {
            case (true, true): hold.TransactionShared++; break;
            case (true, false): hold.Shared++; break;
            case (false, true): hold.TransactionExclusive++; break;
            default: hold.Exclusive++; break;
        }
    }

    Hold? Find(ISessionServices owner, Key key) => _locks.TryGetValue(key, out var holds) ? holds.Find(h => ReferenceEquals(h.Owner, owner)) : null;

    void Drop(Key key, Hold hold)
    {
        if (!hold.IsEmpty)
            return;
        var holds = _locks[key];
        holds.Remove(hold);
        if (holds.Count == 0)
            _locks.Remove(key);
        Volatile.Write(ref _count, _locks.Count);
        if (_held.TryGetValue(hold.Owner, out var held))
            held.Keys.Remove(key);
    }

    List<ISessionServices> Conflicts(ISessionServices owner, Key key, bool shared) => _locks.TryGetValue(key, out var holds)
        ? [.. holds.Where(h => !ReferenceEquals(h.Owner, owner) && (!shared || h.IsExclusive)).Select(h => h.Owner)]
        : [];

    /// <summary>Whether the sessions in the way of <paramref name="waiter"/> wait, directly or not, for <paramref name="target"/>.</summary>
    bool WaitsFor(ISessionServices waiter, ISessionServices target, HashSet<ISessionServices> seen)
    {
        if (!_waiting.TryGetValue(waiter, out var wanted))
            return false;
        foreach (var other in Conflicts(waiter, wanted.Key, wanted.Shared))
            if (ReferenceEquals(other, target) || (seen.Add(other) && WaitsFor(other, target, seen)))
                return true;
        return false;
    }
}
