using System.Buffers;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>The commit log of a node on its own: the store's own write-ahead log, one sync per group.</summary>
public sealed class LocalCommitLog(IVersionedStore store) : ICommitLog
{
    public void Append(ReadOnlySpan<CommitRecord> group)
    {
        var batches = ArrayPool<StampedBatch>.Shared.Rent(group.Length);
        try
        {
            for (var i = 0; i < group.Length; i++)
                batches[i] = new StampedBatch(group[i].Writes, group[i].CommitTimestamp);
            store.WriteGroup(batches.AsSpan(0, group.Length));
        }
        finally
        {
            ArrayPool<StampedBatch>.Shared.Return(batches, clearArray: true);
        }
    }
}
