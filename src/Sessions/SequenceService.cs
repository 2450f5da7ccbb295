using System.Buffers.Binary;
using System.Collections.Concurrent;
using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Transactions;

namespace Chitin.Sessions;

/// <summary>
/// Sequence values. They are outside transactions: never handed out twice, never given back. A batch is reserved on disk before it is handed out from memory; what was
/// reserved and not used when the process dies is skipped (PostgreSQL logs 32 ahead for the same reason).
/// </summary>
/// <remarks>Stored under the sequence's own id as storage id: the last value that may have been handed out (8 bytes) and whether it was (1 byte).</remarks>
public sealed class SequenceService(ITransactionManager transactions)
{
    private const int ReservedValues = 32;

    private readonly ConcurrentDictionary<uint, State> _states = new();

    /// <summary>The next value. 2200H when the sequence has come to its end and does not cycle.</summary>
    public long Next(SequenceDescriptor sequence)
    {
        var state = _states.GetOrAdd(sequence.Id, static _ => new State());
        lock (state)
        {
            Load(state, sequence);
            var next = state.IsCalled ? Advance(state.Last, sequence) : Clamp(state.Last, sequence);
            if (state.Reserved == 0)
            {
                var (ahead, count) = Reserve(next, sequence);
                Store(sequence, ahead, true);
                state.Reserved = count;
            }

            state.Reserved--;
            (state.Last, state.IsCalled) = (next, true);
            return next;
        }
    }

    public void Set(SequenceDescriptor sequence, long value, bool isCalled)
    {
        if (value < sequence.Minimum || value > sequence.Maximum)
            throw new SqlException(SqlState.NumericValueOutOfRange, $"setval: value {value} is out of bounds for sequence \"{sequence.Name}\" ({sequence.Minimum}..{sequence.Maximum})");
        var state = _states.GetOrAdd(sequence.Id, static _ => new State());
        lock (state)
        {
            Store(sequence, value, isCalled);
            (state.Last, state.IsCalled, state.Reserved, state.Loaded, state.Version) = (value, isCalled, 0, true, sequence.Version);
        }
    }

    /// <summary>last_value and is_called, as SELECT from a sequence shows them.</summary>
    public (long Last, bool IsCalled) Read(SequenceDescriptor sequence)
    {
        var state = _states.GetOrAdd(sequence.Id, static _ => new State());
        lock (state)
        {
            Load(state, sequence);
            return (state.Last, state.IsCalled);
        }
    }

    /// <summary>Writes the exact positions, so that an orderly stop skips nothing.</summary>
    public void Flush()
    {
        foreach (var (id, state) in _states)
        {
            lock (state)
            {
                if (state.Loaded && state.Reserved > 0)
                    Store(id, state.Last, state.IsCalled);
                state.Reserved = 0;
            }
        }
    }

    private void Load(State state, SequenceDescriptor sequence)
    {
        if (state.Loaded)
        {
            // The bounds or the step may have changed: what was reserved under the old ones is void.
            if (state.Version != sequence.Version)
                (state.Version, state.Reserved) = (sequence.Version, 0);
            return;
        }

        var transaction = transactions.Begin(new TransactionOptions { ReadOnly = true });
        try
        {
            using var stored = transaction.GetUnvalidated(KeySpace.Prefix(sequence.Id, KeySpace.PrimaryKeyId));
            (state.Last, state.IsCalled) = stored.Found ? (BinaryPrimitives.ReadInt64BigEndian(stored.Value), stored.Value[8] != 0) : (sequence.Start, false);
        }
        finally
        {
            Complete(transaction.RollbackAsync());
        }

        (state.Loaded, state.Version) = (true, sequence.Version);
    }

    private void Store(SequenceDescriptor sequence, long value, bool isCalled) => Store(sequence.Id, value, isCalled);

    private void Store(uint id, long value, bool isCalled)
    {
        Span<byte> bytes = stackalloc byte[9];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        bytes[8] = isCalled ? (byte)1 : (byte)0;
        var transaction = transactions.Begin(new TransactionOptions { Isolation = IsolationLevel.ReadCommitted });
        try
        {
            transaction.BeginStatement();
            transaction.Put(KeySpace.Prefix(id, KeySpace.PrimaryKeyId), bytes);
            var commit = transaction.CommitAsync(CancellationToken.None);
            if (!commit.IsCompletedSuccessfully)
                commit.AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            Complete(transaction.DisposeAsync());
        }
    }

    private static void Complete(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
            task.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The value up to which a reservation goes, and how many values that are.</summary>
    private static (long Ahead, int Count) Reserve(long next, SequenceDescriptor sequence)
    {
        var count = 1;
        var wanted = Math.Max(ReservedValues, Math.Min(sequence.Cache, 1024));
        while (count < wanted)
        {
            var ahead = (Int128)next + sequence.Increment;
            if (ahead > sequence.Maximum || ahead < sequence.Minimum)
                break;
            next = (long)ahead;
            count++;
        }

        return (next, count);
    }

    private static long Clamp(long value, SequenceDescriptor sequence) => Math.Clamp(value, sequence.Minimum, sequence.Maximum);

    private static long Advance(long last, SequenceDescriptor sequence)
    {
        var next = (Int128)last + sequence.Increment;
        if (next <= sequence.Maximum && next >= sequence.Minimum)
            return (long)next;
        if (sequence.Cycle)
            return sequence.Increment > 0 ? sequence.Minimum : sequence.Maximum;
        var (word, bound) = sequence.Increment > 0 ? ("maximum", sequence.Maximum) : ("minimum", sequence.Minimum);
        throw new SqlException(new SqlState("2200H"), $"nextval: reached {word} value of sequence \"{sequence.Name}\" ({bound})");
    }

    private sealed class State
    {
        public bool Loaded;
        public int Version;
        public long Last;
        public bool IsCalled;

        /// <summary>How many values after Last are already safe on disk.</summary>
        public int Reserved;
    }
}
