using System.Collections.Concurrent;
using Chitin.Storage.Native;

namespace Chitin.Storage;

public sealed unsafe partial class RocksStore
{
    private static readonly TimeSpan s_iteratorGrace = TimeSpan.FromSeconds(2);

    private readonly ConcurrentStack<ReadContext> _idleContexts = new();
    private int _openIterators;

    /// <summary>Waits a moment for iterators in use. False when some remain: closing RocksDB under them would be fatal.</summary>
    private bool CloseIterators()
    {
        if (!SpinWait.SpinUntil(() => Volatile.Read(ref _openIterators) == 0, s_iteratorGrace))
        {
            _logger.ClosedInUse(_directory.Path, Volatile.Read(ref _openIterators));
            return false;
        }

        while (_idleContexts.TryPop(out var context))
            context.Dispose();
        return true;
    }

    /// <summary>A native iterator and the options that it points to. The wrapper is small and new each time, so that a second dispose hits nobody else.</summary>
    private sealed class RocksIterator : IStoreIterator
    {
        private readonly RocksStore _store;
        private readonly Timestamp _at;
        private ReadContext? _context;
        private nint _iterator;

        public RocksIterator(RocksStore store, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Timestamp at)
        {
            (_store, _at) = (store, at);
            if (!store._idleContexts.TryPop(out _context))
                _context = new ReadContext();
            Interlocked.Increment(ref store._openIterators);
            _context.SetTimestamp(at);
            _context.SetBounds(lower, upper);
            _iterator = Rocks.IteratorCreate(store._db, _context.Options, store._data);
        }

        public ReadOnlySpan<byte> Key
        {
            get
            {
                nuint length;
                var start = Rocks.IteratorKey(Live(), &length);
                return new ReadOnlySpan<byte>(start, (int)length);
            }
        }

        public ReadOnlySpan<byte> Value
        {
            get
            {
                nuint length;
                var start = Rocks.IteratorValue(Live(), &length);
                return new ReadOnlySpan<byte>(start, (int)length);
            }
        }

        public Timestamp At
        {
            get
            {
                nuint length;
                return new Timestamp(*(ulong*)Rocks.IteratorTimestamp(Live(), &length));
            }
        }

        public bool SeekToFirst()
        {
            Rocks.IteratorSeekToFirst(Live());
            return IsValid();
        }

        public bool SeekToLast()
        {
            Rocks.IteratorSeekToLast(Live());
            return IsValid();
        }

        public bool Seek(ReadOnlySpan<byte> key)
        {
            byte none;
            fixed (byte* start = key)
                Rocks.IteratorSeek(Live(), start is null ? &none : start, (nuint)key.Length);
            return IsValid();
        }

        public bool SeekForPrevious(ReadOnlySpan<byte> key)
        {
            byte none;
            fixed (byte* start = key)
                Rocks.IteratorSeekForPrevious(Live(), start is null ? &none : start, (nuint)key.Length);
            return IsValid();
        }

        public bool MoveNext()
        {
            Rocks.IteratorNext(Live());
            return IsValid();
        }

        public bool MovePrevious()
        {
            Rocks.IteratorPrevious(Live());
            return IsValid();
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _iterator, 0) is not (not 0 and var iterator))
                return;
            Rocks.IteratorDestroy(iterator);
            _store._idleContexts.Push(_context!);
            _context = null;
            Interlocked.Decrement(ref _store._openIterators);
        }

        private nint Live() => _iterator != 0 ? _iterator : throw new ObjectDisposedException(nameof(RocksIterator));

        /// <summary>The end and a failed read look the same to RocksDB's iterator: only its status tells them apart.</summary>
        private bool IsValid() => Rocks.IteratorValid(_iterator) != 0 || HasEnded();

        private bool HasEnded()
        {
            nint error = 0;
            Rocks.IteratorGetError(_iterator, &error);
            return error == 0 ? false : throw _store.ReadFailure(error, _at);
        }
    }
}
