using Chitin.Core;

namespace Chitin.Catalog.Encoding;

/// <summary>
/// Entries of a secondary index. Key: prefix, parts with markers, then the primary key's parts (without their prefix) unless the index is unique and no part is NULL.
/// Value: a varint (length of the primary key part, doubled, plus one when the part stands in the value because the key lacks it), that part, then the stored columns (INCLUDE, and key columns whose
/// key encoding is lossy) as in a row.
/// </summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed class IndexCodec
{
    private readonly IndexPart[] _parts;
    private readonly int[] _storedOrdinals;
    private readonly RowCodec _rows;

    public IndexCodec(TableDescriptor table, IndexDescriptor index)
    {
        _rows = RowCodec.Of(table);
        Index = index;
        _parts = [.. index.Parts];
        var stored = index.Included.Select(id => _rows.OrdinalById[id]).ToHashSet();
        foreach (var part in _parts)
        {
            if (part.Expression is null && !part.Type.KeyIsLossless)
                stored.Add(_rows.OrdinalById[part.ColumnId]);
        }

        _storedOrdinals = [.. stored.Where(o => o >= 0).OrderBy(o => _rows.Column(o).Id)];
        Prefix = KeySpace.Prefix(table.StorageId, index.KeyId);
        PrefixEnd = KeySpace.PrefixEnd(Prefix);
    }

    public IndexDescriptor Index { get; }

    public byte[] Prefix { get; }

    public byte[] PrefixEnd { get; }

    /// <summary>Appends the entry's key. <paramref name="parts"/> are the evaluated parts; <paramref name="primaryKey"/> is the row's full primary key.</summary>
    /// <returns>True when the key alone identifies the entry (unique and no NULL part): its presence means a duplicate.</returns>
    public bool EncodeKey(ReadOnlySpan<Datum> parts, ReadOnlySpan<byte> primaryKey, ByteWriter output)
    {
        output.Write(Prefix);
        var hasNull = false;
        for (var i = 0; i < _parts.Length; i++)
        {
            hasNull |= parts[i].IsNull;
            KeySpace.WritePart(output, _parts[i], parts[i]);
        }

        var identifies = Index.Unique && (!hasNull || Index.NullsNotDistinct);
        if (!identifies)
            output.Write(primaryKey[KeySpace.PrefixLength..]);
        return identifies;
    }

    public void EncodeValue(ReadOnlySpan<Datum> row, ReadOnlySpan<byte> primaryKey, bool keyIdentifies, ByteWriter output)
    {
        var suffix = primaryKey[KeySpace.PrefixLength..];
        output.WriteVarint(((uint)suffix.Length << 1) | (keyIdentifies ? 1u : 0));
        if (keyIdentifies)
            output.Write(suffix);
        _rows.EncodeColumns(row, _storedOrdinals, output);
    }

    /// <summary>The full primary key that an entry points to.</summary>
    public void ReadPrimaryKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ByteWriter output)
    {
        output.Write(_rows.Prefix);
        output.Write(Suffix(key, ref value));
    }

    /// <summary>Positions (descriptor order) of the columns that an index-only scan can give.</summary>
    public IEnumerable<int> CoveredOrdinals()
    {
        foreach (var part in _parts)
        {
            if (part.Expression is null && part.Type.KeyIsLossless)
                yield return _rows.OrdinalById[part.ColumnId];
            else if (!part.Type.KeyIsLossless)
                break;
        }

        foreach (var ordinal in _storedOrdinals)
            yield return ordinal;
        for (var i = 0; i < _rows.KeyParts.Length; i++)
        {
            if (!_rows.KeyParts[i].Type.KeyIsLossless)
                break;
            yield return _rows.KeyOrdinals[i];
        }
    }

    /// <summary>A reader for index-only scans; every target column must be covered.</summary>
    public IndexReader CreateReader(ReadOnlySpan<int> targets) => new(_rows, targets, _parts, _storedOrdinals);

    /// <summary>The primary key's parts; advances <paramref name="value"/> to the stored columns.</summary>
    internal static ReadOnlySpan<byte> Suffix(ReadOnlySpan<byte> key, ref ReadOnlySpan<byte> value)
    {
        var head = ByteReader.ReadVarint(ref value);
        var length = (int)(head >> 1);
        if ((head & 1) == 0)
            return key[^length..];
        var suffix = value[..length];
        value = value[length..];
        return suffix;
    }
}

/// <summary>Decodes columns from index entries alone. Immutable.</summary>
public sealed class IndexReader
{
    private readonly IndexPart[] _parts;
    private readonly int[] _partTargets;
    private readonly int _lastPart;
    private readonly RowReader _stored;
    private readonly RowReader _primary;
    private readonly byte[] _rowPrefix;
    private readonly bool _needsSuffix;

    internal IndexReader(RowCodec rows, ReadOnlySpan<int> targets, IndexPart[] parts, int[] storedOrdinals)
    {
        _parts = parts;
        _partTargets = new int[parts.Length];
        _lastPart = -1;
        var left = targets.ToArray();
        var lossy = false;
        for (var i = 0; i < parts.Length; i++)
        {
            _partTargets[i] = -1;
            lossy |= !parts[i].Type.KeyIsLossless;
            if (lossy || parts[i].Expression is not null)
                continue;
            var ordinal = rows.OrdinalById[parts[i].ColumnId];
            if (left[ordinal] < 0)
                continue;
            _partTargets[i] = left[ordinal];
            left[ordinal] = -1;
            _lastPart = i;
        }

        var stored = new int[left.Length];
        Array.Fill(stored, -1);
        foreach (var ordinal in storedOrdinals)
        {
            stored[ordinal] = left[ordinal];
            left[ordinal] = -1;
        }

        _stored = new RowReader(rows, stored, columnsOfIndex: true);
        _primary = rows.CreateReader(left);
        _needsSuffix = left.Any(t => t >= 0);
        _rowPrefix = rows.Prefix;
    }

    public void Read(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Datum[] target)
    {
        if (_lastPart >= 0)
        {
            var rest = key[KeySpace.PrefixLength..];
            for (var i = 0; i <= _lastPart; i++)
            {
                var datum = KeySpace.ReadPart(ref rest, _parts[i], hasMarker: true);
                if (_partTargets[i] >= 0)
                    target[_partTargets[i]] = datum;
            }
        }

        if (!_needsSuffix && !_stored.NeedsValue)
            return;
        var suffix = IndexCodec.Suffix(key, ref value);
        if (_needsSuffix)
        {
            Span<byte> primary = suffix.Length <= 256 ? stackalloc byte[suffix.Length + KeySpace.PrefixLength] : new byte[suffix.Length + KeySpace.PrefixLength];
            _rowPrefix.CopyTo(primary);
            suffix.CopyTo(primary[KeySpace.PrefixLength..]);
            _primary.ReadKey(primary, target);
        }

        if (_stored.NeedsValue)
            _stored.ReadColumns(value, target);
    }
}
