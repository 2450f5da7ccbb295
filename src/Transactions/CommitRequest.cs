using System.Threading.Tasks.Sources;
using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>One transaction on its way through the pipeline; awaited by its session, whose continuation never runs on the commit thread.</summary>
internal sealed class CommitRequest(ReadSet? reads, WriteBatch batch, WrittenKeys written, LockOwner? locks, List<Action<Timestamp>>? onCommit)
    : IValueTaskSource<Timestamp>
{
    private ManualResetValueTaskSourceCore<Timestamp> _completion = new() { RunContinuationsAsynchronously = true };

    public ReadSet? Reads => reads;

    public WriteBatch Batch => batch;

    public WrittenKeys Written => written;

    public LockOwner? Locks => locks;

    public List<Action<Timestamp>>? OnCommit => onCommit;

    /// <summary>Loads whose rows are seen from this commit on.</summary>
    public IReadOnlyList<RangeLoad>? Loads { get; init; }

    public Timestamp CommitTimestamp { get; set; }

    public ValueTask<Timestamp> Completion => new(this, _completion.Version);

    public void Complete() => _completion.SetResult(CommitTimestamp);

    public void Refuse(SqlException error) => _completion.SetException(error);

    Timestamp IValueTaskSource<Timestamp>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Timestamp>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<Timestamp>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
