using System.Buffers.Binary;
using Chitin.Core;
using Chitin.Storage.Native;

namespace Chitin.Storage;

public sealed unsafe partial class RocksStore
{
    public ISortedRun BeginSortedRun(Timestamp at)
    {
        RequireOpen();
        if (_failure is { } cause)
            throw StorageErrors.ReadOnly(cause);
        Invariant.Holds(at <= LastCommit, "a run is not newer than the store");
        return new TableFile(this, at, Path.Combine(_directory.TemporaryPath, $"run-{Interlocked.Increment(ref _runs)}.sst"));
    }

    public void WriteUnlogged(WriteBatch batch, Timestamp at)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RequireOpen();
        if (_failure is { } cause)
            throw StorageErrors.ReadOnly(cause);
        Invariant.Holds(at <= LastCommit, "unlogged writes are not newer than the store");
        _space.Require(batch.Length, WritePurpose.Ordinary);
        nint error = 0;
        var encoded = new BatchEncoder().Encode(batch, at);
        fixed (byte* start = encoded)
        {
            var native = Rocks.WriteBatchCreateFrom(start, (nuint)encoded.Length);
            Rocks.Write(_db, _unloggedWriteOptions, native, &error);
            Rocks.WriteBatchDestroy(native);
        }

        if (Rocks.TakeError(error) is { } text)
            throw StorageErrors.FromNative(text);
    }

    public void FlushUnlogged() => Flush();

    /// <summary>
    /// A table file in the temporary directory, encrypted like any other. It is copied in, not linked: to sync a linked file RocksDB opens it for writing, and its encrypted file system
    /// would then put a second header behind the first one's file.
    /// </summary>
    private sealed class TableFile : ISortedRun
    {
        private const long AnnouncedBytes = 512 * 1024;

        private readonly RocksStore _store;
        private readonly ulong _at;
        private readonly string _path;
        private readonly nint _environmentOptions;
        private nint _writer;
        private long _count;
        private long _announced;   // bytes that the guard of the disk's space knows of

        public TableFile(RocksStore store, Timestamp at, string path)
        {
            (_store, _at, _path) = (store, at.Value, path);
            _environmentOptions = Rocks.EnvOptionsCreate();
            _writer = Rocks.TableWriterCreate(_environmentOptions, store._tableFileOptions);
            nint error = 0;
            fixed (byte* name = Rocks.NullTerminated(path))
                Rocks.TableWriterOpen(_writer, name, &error);
            if (Rocks.TakeError(error) is { } text)
            {
                Dispose();
                throw StorageErrors.FromNative(text);
            }
        }

        public long Length { get; private set; }

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            Span<byte> at = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(at, _at);
            nint error = 0;
            byte none;
            fixed (byte* keyStart = key, valueStart = value, atStart = at)
                Rocks.TableWriterPut(_writer, keyStart, (nuint)key.Length, atStart, sizeof(ulong), valueStart is null ? &none : valueStart, (nuint)value.Length, &error);
            if (Rocks.TakeError(error) is { } text)
                throw StorageErrors.FromNative(text);
            Length += key.Length + value.Length;
            _count++;
            if (Length - _announced < AnnouncedBytes)
                return;
            _store._space.Require(Length - _announced, WritePurpose.Ordinary);
            _announced = Length;
        }

        public bool Add()
        {
            if (_count == 0)
                return true;
            _store._space.Require(Length - _announced, WritePurpose.Ordinary);
            nint error = 0;
            Rocks.TableWriterFinish(_writer, &error);
            if (Rocks.TakeError(error) is { } text)
                throw StorageErrors.FromNative(text);
            _count = 0;
            _store._space.Require(new FileInfo(_path).Length / 2, WritePurpose.Ordinary);   // it is written once more, and never a memtable
            var options = Rocks.IngestOptionsCreate();
            fixed (byte* name = Rocks.NullTerminated(_path))
            {
                var path = (nint)name;
                Rocks.IngestFiles(_store._db, _store._data, &path, 1, options, &error);
            }

            Rocks.IngestOptionsDestroy(options);
            if (Rocks.TakeError(error) is not { } failure)
                return true;

            // The library takes no file among versioned keys: it could not tell which of two versions is the newer one.
            return failure.Contains("does not overlap with key range", StringComparison.Ordinal) ? false : throw StorageErrors.FromNative(failure);
        }

        public void Dispose()
        {
            if (_writer == 0)
                return;
            Rocks.TableWriterDestroy(_writer);
            _writer = 0;
            Rocks.EnvOptionsDestroy(_environmentOptions);
            File.Delete(_path);
        }
    }
}
