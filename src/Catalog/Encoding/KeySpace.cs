using System.Buffers.Binary;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Catalog.Encoding;

/// <summary>
/// The layout of keys: storage id (4 bytes, big endian), index key id (2 bytes, big endian), then the parts. A part of a primary key is its type's key encoding;
/// a part of a secondary index has a marker before it (1 NULL sorted first, 2 a value, 3 NULL sorted last). Descending parts have their value bytes inverted.
/// Storage ids below <see cref="FirstUserStorage"/> belong to the system.
/// </summary>
public static class KeySpace
{
    public const int PrefixLength = 6;

    public const uint FirstUserStorage = 1024;

    public const ushort PrimaryKeyId = 1;

    /// <summary>All keys of the system: definitions, statistics, settings.</summary>
    public static (byte[] Lower, byte[] Upper) SystemRange => ([], TableRange(FirstUserStorage).Lower);

    private const byte NullFirst = 1;
    private const byte Value = 2;
    private const byte NullLast = 3;

    public static void WritePrefix(ByteWriter output, uint storageId, ushort indexKeyId)
    {
        output.WriteUInt32BigEndian(storageId);
        output.WriteUInt16BigEndian(indexKeyId);
    }

    public static byte[] Prefix(uint storageId, ushort indexKeyId)
    {
        var prefix = new byte[PrefixLength];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, storageId);
        BinaryPrimitives.WriteUInt16BigEndian(prefix.AsSpan(4), indexKeyId);
        return prefix;
    }

    /// <summary>All keys of one index: [lower, upper).</summary>
    public static (byte[] Lower, byte[] Upper) IndexRange(uint storageId, ushort indexKeyId)
    {
        var lower = Prefix(storageId, indexKeyId);
        return (lower, PrefixEnd(lower));
    }

    /// <summary>All keys of one table, indexes included.</summary>
    public static (byte[] Lower, byte[] Upper) TableRange(uint storageId)
    {
        var lower = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(lower, storageId);
        return (lower, PrefixEnd(lower));
    }

    /// <summary>The first key behind all keys that start with <paramref name="prefix"/>.</summary>
    public static byte[] PrefixEnd(ReadOnlySpan<byte> prefix)
    {
        var end = prefix.ToArray();
        for (var i = end.Length - 1; i >= 0; i--)
        {
            if (++end[i] != 0)
                return end[..(i + 1)];
        }

        return [];
    }

    /// <summary>Appends a part of a primary key; never NULL.</summary>
    public static void WritePrimaryPart(ByteWriter output, IndexPart part, Datum value)
    {
        Invariant.Holds(!value.IsNull, "a primary key part is not null");
        WriteValue(output, part, value);
    }

    /// <summary>Appends a part of a secondary index key.</summary>
    public static void WritePart(ByteWriter output, IndexPart part, Datum value)
    {
        if (value.IsNull)
        {
            output.WriteByte(part.NullsFirst ? NullFirst : NullLast);
            return;
        }

        output.WriteByte(Value);
        WriteValue(output, part, value);
    }

    /// <summary>Reads a part back. Only for types whose keys are lossless.</summary>
    public static Datum ReadPart(ref ReadOnlySpan<byte> key, IndexPart part, bool hasMarker)
    {
        if (hasMarker)
        {
            var marker = key[0];
            key = key[1..];
            if (marker != Value)
                return Datum.Null;
        }

        if (!part.Descending)
            return part.Type.DecodeKey(ref key);

        Span<byte> inverted = key.Length <= 512 ? stackalloc byte[key.Length] : new byte[key.Length];
        for (var i = 0; i < inverted.Length; i++)
            inverted[i] = (byte)~key[i];
        ReadOnlySpan<byte> rest = inverted;
        var value = part.Type.DecodeKey(ref rest);
        key = key[(key.Length - rest.Length)..];
        return value;
    }

    private static void WriteValue(ByteWriter output, IndexPart part, Datum value)
    {
        var start = output.Length;
        part.Type.EncodeKey(value, output);
        if (!part.Descending)
            return;
        var region = output.Region(start);
        for (var i = 0; i < region.Length; i++)
            region[i] = (byte)~region[i];
    }
}
