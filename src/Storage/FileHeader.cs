using System.Buffers.Binary;
using System.Security.Cryptography;
using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>
/// The first 4096 bytes of every file of a store, also of plaintext ones, so that a store can hold files under several keys and survives renames and links:
/// magic 8, version 2, algorithm 1, zero 5, data key id 16 (big endian), initial counter 16 (big endian), MAC 32, zeros.
/// The MAC is HMAC-SHA-256 under the data key, and plain SHA-256 where there is no key. The zeros are checked too.
/// </summary>
/// <remarks>The counter is random per file and never used again: no two files share keystream.</remarks>
public readonly record struct FileHeader(CipherAlgorithm Algorithm, DataKeyId KeyId, UInt128 InitialCounter)
{
    public const int Length = 4096;

    private const ushort Version = 1;
    private const int MacAt = 48;
    private const int MacLength = 32;

    private static ReadOnlySpan<byte> Magic => "CHITINDB"u8;

    /// <summary>Fills <paramref name="header"/> for a new file under <paramref name="key"/>, or in plaintext when there is none.</summary>
    public static void Write(Span<byte> header, DataKey? key)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        header[10] = (byte)(key?.Algorithm ?? CipherAlgorithm.Plaintext);
        if (key is not null)
        {
            BinaryPrimitives.WriteUInt128BigEndian(header[16..], key.Id.Value);
            RandomNumberGenerator.Fill(header.Slice(32, 16));
        }

        Authenticate(header[..MacAt], key, header.Slice(MacAt, MacLength));
    }

    /// <summary>Reads a header without its key: the MAC is not checked. Null when it is not one of ours.</summary>
    public static FileHeader? TryParse(ReadOnlySpan<byte> header)
    {
        if (header.Length < MacAt + MacLength || !header.StartsWith(Magic) ||
            BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != Version || header[10] > (byte)CipherAlgorithm.Aes256Ctr)
        {
            return null;
        }

        return new FileHeader(
            (CipherAlgorithm)header[10],
            new DataKeyId(BinaryPrimitives.ReadUInt128BigEndian(header[16..])),
            BinaryPrimitives.ReadUInt128BigEndian(header[32..]));
    }

    /// <summary>Reads and checks a header and finds its key. The error says what is wrong with it, without the file's name.</summary>
    public static string? Read(ReadOnlySpan<byte> header, DataKeyRegistry keys, out FileHeader parsed, out DataKey? key)
    {
        key = null;
        parsed = default;
        if (TryParse(header) is not { } found)
            return "its header is not one of this program's";
        parsed = found;
        if (found.Algorithm != CipherAlgorithm.Plaintext)
        {
            key = keys.Find(found.KeyId);
            if (key is null || key.Algorithm != found.Algorithm)
                return $"its header names data key {found.KeyId}, which the registry does not have";
        }

        Span<byte> mac = stackalloc byte[MacLength];
        Authenticate(header[..MacAt], key, mac);
        var intact = CryptographicOperations.FixedTimeEquals(mac, header.Slice(MacAt, MacLength)) &&
            !header[(MacAt + MacLength)..Math.Min(header.Length, Length)].ContainsAnyExcept((byte)0);
        return intact ? null : "its header has been changed";
    }

    private static void Authenticate(ReadOnlySpan<byte> covered, DataKey? key, Span<byte> mac)
    {
        if (key is null)
            SHA256.HashData(covered, mac);
        else
            key.AuthenticateHeader(covered, mac);
    }
}
