using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Catalog.Encoding;

/// <summary>
/// Rows of one table version as keys and values. The key holds the primary key; the value holds every other column (and key columns whose key encoding is lossy): a format
/// byte, then per non-null column in rising order of id: id delta (varint), length (varint), the type's value encoding. Columns that a row lacks are NULL, columns that the
/// descriptor lacks are skipped, so that adding and dropping columns touches no row.
/// </summary>
/// <remarks>Immutable; safe for concurrent use. One per <see cref="TableDescriptor"/> instance, from <see cref="Of"/>.</remarks>
public sealed class RowCodec
{
    private const byte Format = 1;

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<TableDescriptor, RowCodec> s_codecs = [];

    private readonly IndexPart[] _keyParts;
    private readonly int[] _keyOrdinals;
    private readonly int[] _valueOrdinals;
    private readonly ColumnDescriptor[] _columns;

    private RowCodec(TableDescriptor table)
    {
        Table = table;
        _columns = [.. table.Columns];
        OrdinalById = new int[Math.Max(table.NextColumnId, _columns.Select(c => c.Id + 1).DefaultIfEmpty(0).Max())];
        Array.Fill(OrdinalById, -1);
        for (var i = 0; i < _columns.Length; i++)
            OrdinalById[_columns[i].Id] = i;
        _keyParts = [.. table.PrimaryIndex.Parts];
        _keyOrdinals = [.. _keyParts.Select(p => OrdinalById[p.ColumnId])];
        _valueOrdinals = [.. Enumerable.Range(0, _columns.Length)
            .Where(i => !_keyOrdinals.Contains(i) || !_columns[i].Type.KeyIsLossless)
            .OrderBy(i => _columns[i].Id)];
        Prefix = KeySpace.Prefix(table.StorageId, table.PrimaryIndex.KeyId);
        PrefixEnd = KeySpace.PrefixEnd(Prefix);
    }

    public TableDescriptor Table { get; }

    public byte[] Prefix { get; }

    public byte[] PrefixEnd { get; }

    /// <summary>Column id → position in the descriptor's Columns; -1 for ids that are gone.</summary>
    public int[] OrdinalById { get; }

    /// <summary>Positions of the primary key's columns.</summary>
    public ReadOnlySpan<int> KeyOrdinals => _keyOrdinals;

    public static RowCodec Of(TableDescriptor table) => s_codecs.GetValue(table, static t => new RowCodec(t));

    /// <summary>Appends the primary key of a row (descriptor order).</summary>
    public void EncodeKey(ReadOnlySpan<Datum> row, ByteWriter output)
    {
        output.Write(Prefix);
        for (var i = 0; i < _keyParts.Length; i++)
            KeySpace.WritePrimaryPart(output, _keyParts[i], row[_keyOrdinals[i]]);
    }

    public void EncodeValue(ReadOnlySpan<Datum> row, ByteWriter output)
    {
        output.WriteByte(Format);
        EncodeColumns(row, _valueOrdinals, output);
    }

    /// <summary>Appends columns by position; ids must rise.</summary>
    internal void EncodeColumns(ReadOnlySpan<Datum> row, int[] ordinals, ByteWriter output)
    {
        var previous = 0;
        foreach (var ordinal in ordinals)
        {
            if (row[ordinal].IsNull)
                continue;
            var column = _columns[ordinal];
            output.WriteVarint((uint)(column.Id - previous));
            previous = column.Id;
            var start = output.Length;
            column.Type.EncodeValue(row[ordinal], output);
            output.InsertVarint(start);
        }
    }

    /// <summary>A reader of some columns into places of a target array; -1 leaves a column out.</summary>
    /// <param name="targets">Per column (descriptor order) its place in the target array, or -1.</param>
    public RowReader CreateReader(ReadOnlySpan<int> targets) => new(this, targets);

    internal ColumnDescriptor Column(int ordinal) => _columns[ordinal];

    internal IndexPart[] KeyParts => _keyParts;

    internal bool IsInValue(int ordinal) => Array.IndexOf(_valueOrdinals, ordinal) >= 0;

    internal static ReadOnlySpan<byte> CheckFormat(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] != Format)
            throw new SqlException(SqlState.DataCorrupted, "a stored row has an unknown format");
        return value[1..];
    }
}

/// <summary>Decodes chosen columns of rows. Immutable; safe for concurrent use.</summary>
public sealed class RowReader
{
    private readonly RowCodec _codec;
    private readonly int[] _targetById;
    private readonly SqlType[] _typeById;
    private readonly int[] _nulls;
    private readonly int[] _keyTargets;
    private readonly int _lastKeyPart;
    private readonly int _maxId;

    /// <param name="columnsOfIndex">The columns stand in an index entry, where key columns may be stored as well.</param>
    internal RowReader(RowCodec codec, ReadOnlySpan<int> targets, bool columnsOfIndex = false)
    {
        _codec = codec;
        _targetById = new int[codec.OrdinalById.Length];
        _typeById = new SqlType[_targetById.Length];
        Array.Fill(_targetById, -1);
        var nulls = new List<int>();
        for (var i = 0; i < targets.Length; i++)
        {
            if (targets[i] < 0 || (!columnsOfIndex && !codec.IsInValue(i)))
                continue;
            _targetById[codec.Column(i).Id] = targets[i];
            _typeById[codec.Column(i).Id] = codec.Column(i).Type;
            _maxId = Math.Max(_maxId, codec.Column(i).Id);
            nulls.Add(targets[i]);
        }

        _nulls = [.. nulls];
        _keyTargets = new int[codec.KeyParts.Length];
        _lastKeyPart = -1;
        for (var i = 0; i < _keyTargets.Length; i++)
        {
            var ordinal = codec.KeyOrdinals[i];
            _keyTargets[i] = columnsOfIndex || codec.IsInValue(ordinal) ? -1 : targets[ordinal];
            if (_keyTargets[i] >= 0)
                _lastKeyPart = i;
        }
    }

    /// <summary>Whether the value bytes are needed at all.</summary>
    public bool NeedsValue => _nulls.Length > 0;

    public void Read(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Datum[] target)
    {
        ReadKey(key, target);
        if (_nulls.Length > 0)
            ReadColumns(RowCodec.CheckFormat(value), target);
    }

    public void ReadKey(ReadOnlySpan<byte> key, Datum[] target)
    {
        if (_lastKeyPart < 0)
            return;
        var rest = key[KeySpace.PrefixLength..];
        for (var i = 0; i <= _lastKeyPart; i++)
        {
            var datum = KeySpace.ReadPart(ref rest, _codec.KeyParts[i], hasMarker: false);
            if (_keyTargets[i] >= 0)
                target[_keyTargets[i]] = datum;
        }
    }

    internal void ReadColumns(ReadOnlySpan<byte> rest, Datum[] target)
    {
        foreach (var place in _nulls)
            target[place] = Datum.Null;
        var id = 0;
        while (!rest.IsEmpty)
        {
            id += (int)ByteReader.ReadVarint(ref rest);
            var length = (int)ByteReader.ReadVarint(ref rest);
            if (id > _maxId)
                return;
            var place = _targetById[id];
            if (place >= 0)
                target[place] = _typeById[id].DecodeValue(rest[..length]);
            rest = rest[length..];
        }
    }
}
