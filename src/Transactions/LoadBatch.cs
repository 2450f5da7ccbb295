using System.Buffers.Binary;

namespace Chitin.Transactions;

/// <summary>Keys and values on their way into a load, index by index. Used by one thread at a time; its memory is used again.</summary>
internal sealed class LoadBatch
{
    private const int PageBytes = 1 << 20;

    private readonly List<byte[]> _pages = [];
    private readonly List<LoadPart> _parts = [];
    private int _page = -1;
    private int _used;
    private LoadPart? _last;

    /// <summary>Keys and values.</summary>
    public long Bytes { get; private set; }

    public bool IsEmpty => _parts.Count == 0;

    public IReadOnlyList<LoadPart> Parts => _parts;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool mustBeNew, long row)
    {
        var part = PartOf(key);
        var length = key.Length + value.Length;
        if (_page < 0 || _pages[_page].Length - _used < length)
            NextPage(length);
        var target = _pages[_page].AsSpan(_used, length);
        key.CopyTo(target);
        value.CopyTo(target[key.Length..]);
        part.Add(new LoadEntry(OrderOf(key), _page, _used, key.Length, value.Length, row), key, mustBeNew);
        _used += length;
        Bytes += length;
    }

    public ReadOnlySpan<byte> KeyOf(in LoadEntry entry) => _pages[entry.Page].AsSpan(entry.Offset, entry.KeyLength);

    public ReadOnlySpan<byte> ValueOf(in LoadEntry entry) => _pages[entry.Page].AsSpan(entry.Offset + entry.KeyLength, entry.ValueLength);

    /// <summary>The value under a key; null when it is not in here. Slow.</summary>
    public byte[]? Find(ReadOnlySpan<byte> key)
    {
        foreach (var part in _parts)
        {
            foreach (ref readonly var entry in part.Entries)
            {
                if (KeyOf(entry).SequenceEqual(key))
                    return ValueOf(entry).ToArray();
            }
        }

        return null;
    }

    public void Clear()
    {
        _pages.RemoveAll(p => p.Length > PageBytes);
        _parts.Clear();
        (_page, _used, _last, Bytes) = (-1, 0, null, 0);
    }

    private LoadPart PartOf(ReadOnlySpan<byte> key)
    {
        var prefix = key[..Math.Min(RangeLoad.IndexPrefix, key.Length)];
        if (_last is { } last && last.Prefix.AsSpan().SequenceEqual(prefix))
            return last;
        foreach (var part in _parts)
        {
            if (part.Prefix.AsSpan().SequenceEqual(prefix))
                return _last = part;
        }

        _parts.Add(_last = new LoadPart(this, prefix.ToArray()));
        return _last;
    }

    private void NextPage(int length)
    {
        _page++;
        _used = 0;
        if (_page == _pages.Count || _pages[_page].Length < length)
            _pages.Insert(_page, GC.AllocateUninitializedArray<byte>(Math.Max(PageBytes, length)));
    }

    /// <summary>Eight bytes behind the index's prefix, as a number that sorts as they do.</summary>
    private static ulong OrderOf(ReadOnlySpan<byte> key)
    {
        if (key.Length >= RangeLoad.IndexPrefix + sizeof(ulong))
            return BinaryPrimitives.ReadUInt64BigEndian(key[RangeLoad.IndexPrefix..]);
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        if (key.Length > RangeLoad.IndexPrefix)
            key[RangeLoad.IndexPrefix..].CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}

/// <summary>Where one key and its value stand in a batch, and with which row of the load they came.</summary>
internal readonly record struct LoadEntry(ulong Order, int Page, int Offset, int KeyLength, int ValueLength, long Row);

/// <summary>The keys of one index in a batch.</summary>
internal sealed class LoadPart(LoadBatch batch, byte[] prefix)
{
    private LoadEntry[] _entries = new LoadEntry[1024];
    private int _count;
    private bool _rises = true;

    public byte[] Prefix => prefix;

    public LoadBatch Batch => batch;

    /// <summary>Its keys may not be in the store, and each may come once.</summary>
    public bool MustBeNew { get; private set; }

    /// <summary>Keys and values.</summary>
    public long Bytes { get; private set; }

    public ReadOnlySpan<LoadEntry> Entries => _entries.AsSpan(0, _count);

    public ReadOnlySpan<byte> First => batch.KeyOf(_entries[0]);

    public ReadOnlySpan<byte> Last => batch.KeyOf(_entries[_count - 1]);

    public void Add(in LoadEntry entry, ReadOnlySpan<byte> key, bool mustBeNew)
    {
        MustBeNew |= mustBeNew;
        Bytes += entry.KeyLength + entry.ValueLength;
        if (_rises && _count > 0)
        {
            ref readonly var last = ref _entries[_count - 1];
            _rises = entry.Order > last.Order || (entry.Order == last.Order && key.SequenceCompareTo(batch.KeyOf(last)) > 0);
        }

        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        _entries[_count++] = entry;
    }

    /// <summary>Puts the keys in order; those that are equal in the order of their rows.</summary>
    public void Sort()
    {
        if (!_rises)
            _entries.AsSpan(0, _count).Sort(new ByKey(batch));
        _rises = true;
    }

    private readonly struct ByKey(LoadBatch batch) : IComparer<LoadEntry>
    {
        public int Compare(LoadEntry x, LoadEntry y)
        {
            if (x.Order != y.Order)
                return x.Order < y.Order ? -1 : 1;
            var order = batch.KeyOf(x).SequenceCompareTo(batch.KeyOf(y));
            return order != 0 ? order : x.Row.CompareTo(y.Row);
        }
    }
}
