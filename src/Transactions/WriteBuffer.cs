using Chitin.Core;
using Chitin.Storage;

namespace Chitin.Transactions;

/// <summary>An older value of a key inside one transaction, kept for undo and for cursors that were opened before the newer one.</summary>
internal sealed record WriteVersion(int Sequence, bool IsDelete, ArenaSlice Value, WriteVersion? Older);

/// <summary>A key that the transaction has written, with its newest value.</summary>
internal struct WriteEntry
{
    public ArenaSlice Key;
    public ArenaSlice Value;
    public int Sequence;
    public bool IsDelete;
    public WriteVersion? Older;
}

internal enum OwnWrite : byte { None, Put, Delete }

/// <summary>
/// The writes of one transaction in key order: sorted chunks, so that a few writes cost a few comparisons and a million stay cheap. Every write has a
/// sequence number; a position is the number of the last write, and rolling back to a position undoes all that came after.
/// </summary>
internal sealed partial class WriteBuffer
{
    private const int ChunkSize = 128;

    private readonly List<Chunk> _chunks = [];
    private readonly ByteArena _arena = new();
    private readonly List<LogRecord> _log = [];
    private List<RangeDelete>? _ranges;
    private int _pinned;
    private int _savepoint = -1;

    /// <summary>Rises whenever entries move.</summary>
    private int _structure;

    public int Position => _log.Count;

    public bool IsEmpty => _chunks.Count == 0 && _ranges is null or { Count: 0 };

    /// <summary>A savepoint was set that has not been rolled back behind.</summary>
    public bool HasSavepoint => _savepoint >= 0;

    /// <summary>Keys written, range deletes not counted.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of keys and values held.</summary>
    public long Bytes => _arena.Used;

    public int OpenCursors { get; private set; }

    /// <summary>Keeps everything up to now: a later write of the same key does not overwrite it.</summary>
    /// <param name="isSavepoint">Kept until rolled back to; else only until the next mark.</param>
    public int SetMark(bool isSavepoint)
    {
        _pinned = Position;
        if (isSavepoint)
            _savepoint = Position;
        return Position;
    }

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Write(key, value, isDelete: false);

    public void Delete(ReadOnlySpan<byte> key) => Write(key, default, isDelete: true);

    public void DeleteRange(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        _log.Add(new LogRecord(default, _arena.Position, IsRange: true));
        (_ranges ??= []).Add(new RangeDelete(lower.ToArray(), upper.ToArray(), Position));
    }

    /// <summary>The transaction's newest write of a key.</summary>
    public OwnWrite TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (Find(key, out var chunk, out var index))
        {
            ref var entry = ref _chunks[chunk].Entries[index];
            if (entry.IsDelete || IsRangeDeleted(key, entry.Sequence, int.MaxValue))
                return OwnWrite.Delete;
            value = entry.Value.Span;
            return OwnWrite.Put;
        }

        return IsRangeDeleted(key, 0, int.MaxValue) ? OwnWrite.Delete : OwnWrite.None;
    }

    /// <summary>Undoes all writes after a position.</summary>
    public void RollbackTo(int position)
    {
        Invariant.Holds(position <= Position, "a savepoint lies in the past");
        if (position == Position)
            return;
        for (var i = _log.Count - 1; i >= position; i--)
        {
            if (_log[i].IsRange)
                _ranges!.RemoveAt(_ranges.Count - 1);
            else
                Undo(_log[i].Key.Span, i + 1);
        }

        if (OpenCursors == 0)
            _arena.Reset(_log[position].Before);
        _log.RemoveRange(position, _log.Count - position);
        _pinned = Math.Min(_pinned, position);
        _savepoint = Math.Min(_savepoint, position);
    }

    /// <summary>Every key once, in order; range deletes first, cut around what was put inside them.</summary>
    public void WriteTo(WriteBatch batch)
    {
        batch.Reserve(Bytes + (Count * 9L));
        if (_ranges is { Count: > 0 })
            WriteRanges(batch);
        foreach (var chunk in _chunks)
        {
            for (var i = 0; i < chunk.Count; i++)
            {
                ref var entry = ref chunk.Entries[i];
                var key = entry.Key.Span;
                if (_ranges is { Count: > 0 } && IsHidden(ref entry, key))
                    continue;
                if (entry.IsDelete)
                    batch.Delete(key);
                else
                    batch.Put(key, entry.Value.Span);
            }
        }
    }

    public delegate void KeyAction(ReadOnlySpan<byte> key, bool isDelete);

    /// <summary>Calls for every key in order; range deletes are not keys.</summary>
    public void ForEachKey(KeyAction action)
    {
        foreach (var chunk in _chunks)
        {
            for (var i = 0; i < chunk.Count; i++)
                action(chunk.Entries[i].Key.Span, chunk.Entries[i].IsDelete);
        }
    }

    /// <summary>Ranges that together hold all keys, each of about so many and within one index (six bytes of prefix).</summary>
    public List<(byte[] Lower, byte[] Upper)> CoveringRanges(int keysPerRange)
    {
        const int Prefix = 6;
        var ranges = new List<(byte[] Lower, byte[] Upper)>();
        byte[]? lower = null;
        var last = default(ArenaSlice);
        var inRange = 0;
        foreach (var chunk in _chunks)
        {
            for (var i = 0; i < chunk.Count; i++)
            {
                var key = chunk.Entries[i].Key;
                if (lower is not null && (inRange == keysPerRange || !key.Span[..Math.Min(Prefix, key.Length)].SequenceEqual(lower.AsSpan(0, Math.Min(Prefix, lower.Length)))))
                {
                    ranges.Add((lower, [.. last.Span, 0]));
                    lower = null;
                }

                if (lower is null)
                {
                    lower = key.Span.ToArray();
                    inRange = 0;
                }

                last = key;
                inRange++;
            }
        }

        if (lower is not null)
            ranges.Add((lower, [.. last.Span, 0]));
        return ranges;
    }

    /// <summary>Whether a write numbered after <paramref name="after"/>, up to <paramref name="upTo"/>, deleted a range that holds the key.</summary>
    public bool IsRangeDeleted(ReadOnlySpan<byte> key, int after, int upTo) => FindRange(key, after, upTo) is not null;

    public RangeDelete? FindRange(ReadOnlySpan<byte> key, int after, int upTo)
    {
        if (_ranges is null)
            return null;
        foreach (var range in _ranges)
        {
            if (range.Sequence > after && range.Sequence <= upTo && range.Contains(key))
                return range;
        }

        return null;
    }

    public IReadOnlyList<RangeDelete> Ranges => _ranges ?? (IReadOnlyList<RangeDelete>)[];

    /// <summary>A deleted key, or a put that a later range delete took away again, needs no entry where a range delete covers it.</summary>
    private bool IsHidden(ref WriteEntry entry, ReadOnlySpan<byte> key) =>
        entry.IsDelete ? IsRangeDeleted(key, 0, int.MaxValue) : IsRangeDeleted(key, entry.Sequence, int.MaxValue);

    private void WriteRanges(WriteBatch batch)
    {
        foreach (var (lower, upper) in MergedRanges())
        {
            ReadOnlySpan<byte> from = lower;
            for (var at = LowerBound(lower); IsValid(at) && Before(KeyAt(at), upper); at = Next(at))
            {
                ref var entry = ref _chunks[at.Chunk].Entries[at.Index];
                var key = entry.Key.Span;
                if (entry.IsDelete || IsHidden(ref entry, key))
                    continue;
                if (from.SequenceCompareTo(key) < 0)
                    batch.DeleteRange(from, key);
                from = (byte[])[.. key, 0];
            }

            if (Before(from, upper))
                batch.DeleteRange(from, upper);
        }
    }

    private List<(byte[] Lower, byte[] Upper)> MergedRanges()
    {
        var merged = new List<(byte[] Lower, byte[] Upper)>();
        foreach (var range in _ranges!.OrderBy(r => r.Lower, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))))
        {
            if (merged.Count > 0 && (merged[^1].Upper.Length == 0 || range.Lower.AsSpan().SequenceCompareTo(merged[^1].Upper) <= 0))
            {
                var last = merged[^1].Upper;
                if (last.Length > 0 && (range.Upper.Length == 0 || range.Upper.AsSpan().SequenceCompareTo(last) > 0))
                    merged[^1] = (merged[^1].Lower, range.Upper);
            }
            else
            {
                merged.Add((range.Lower, range.Upper));
            }
        }

        return merged;
    }

    private void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDelete)
    {
        if (Find(key, out var chunk, out var index))
        {
            ref var entry = ref _chunks[chunk].Entries[index];
            if (entry.Sequence > _pinned)
            {
                (entry.Value, entry.IsDelete) = (_arena.Add(value), isDelete);

                // A range delete in between would hide it: it takes a new number, and the log a second record for it.
                if (_ranges is { Count: > 0 } && _ranges[^1].Sequence > entry.Sequence)
                {
                    _log.Add(new LogRecord(entry.Key, _arena.Position, IsRange: false));
                    entry.Sequence = Position;
                }

                return;
            }

            var before = _arena.Position;
            var sequence = Position + 1;
            var keepOlder = entry.Older is { } older && (OpenCursors > 0 || _savepoint >= older.Sequence) ? entry.Older : null;
            entry.Older = new WriteVersion(entry.Sequence, entry.IsDelete, entry.Value, keepOlder);
            (entry.Value, entry.IsDelete, entry.Sequence) = (_arena.Add(value), isDelete, sequence);
            _log.Add(new LogRecord(entry.Key, before, IsRange: false));
            return;
        }

        var mark = _arena.Position;
        var stored = _arena.Add(key, value);
        var created = new WriteEntry
        {
            Key = stored[..key.Length], Value = stored[key.Length..], IsDelete = isDelete, Sequence = Position + 1,
        };
        _log.Add(new LogRecord(created.Key, mark, IsRange: false));
        Insert(chunk, index, created);
    }

    private void Undo(ReadOnlySpan<byte> key, int sequence)
    {
        if (!Find(key, out var chunk, out var index))
            return;
        ref var entry = ref _chunks[chunk].Entries[index];
        if (entry.Sequence != sequence)
            return;
        if (entry.Older is { } older)
            (entry.Value, entry.IsDelete, entry.Sequence, entry.Older) = (older.Value, older.IsDelete, older.Sequence, older.Older);
        else
            Remove(chunk, index);
    }

    internal sealed record RangeDelete(byte[] Lower, byte[] Upper, int Sequence)
    {
        public bool Contains(ReadOnlySpan<byte> key) => key.SequenceCompareTo(Lower) >= 0 && Before(key, Upper);
    }

    /// <summary>A write: which key, and where the arena stood before it.</summary>
    private readonly record struct LogRecord(ArenaSlice Key, ByteArena.Mark Before, bool IsRange);

    private sealed class Chunk(int capacity)
    {
        public WriteEntry[] Entries = new WriteEntry[capacity];
        public int Count;
    }
}
