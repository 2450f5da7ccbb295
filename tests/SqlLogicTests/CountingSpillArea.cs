using Chitin.Sql.Execution;

namespace Chitin.SqlLogicTests;

/// <summary>Spill files in memory, counted, so that a test can tell that there were some and that none is left.</summary>
internal sealed class CountingSpillArea : ISpillArea
{
    private int _made;
    private int _open;

    public int Made => _made;

    public int Open => _open;

    public Stream CreateFile()
    {
        Interlocked.Increment(ref _made);
        Interlocked.Increment(ref _open);
        return new CountedStream(this);
    }

    private sealed class CountedStream(CountingSpillArea area) : MemoryStream
    {
        private bool _closed;

        protected override void Dispose(bool disposing)
        {
            if (!_closed)
                Interlocked.Decrement(ref area._open);
            _closed = true;
            base.Dispose(disposing);
        }
    }
}
