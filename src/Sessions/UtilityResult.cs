using Chitin.Core;
using Chitin.Sql.Execution;

namespace Chitin.Sessions;

/// <summary>The outcome of a statement that the session ran itself: a tag, and rows where it has some.</summary>
internal sealed class UtilityResult(string tag, IReadOnlyList<Datum[]>? rows = null) : IStatementResult
{
    private int _position = -1;

    public ReadOnlySpan<Datum> Row => rows![_position];

    public long AffectedRows => 0;

    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => ValueTask.FromResult(rows is not null && ++_position < rows.Count);

    public string CommandTag(long rowsSent) => tag;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
