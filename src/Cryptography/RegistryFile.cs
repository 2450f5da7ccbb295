using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Chitin.Cryptography;

/// <summary>
/// The registry on disk. Header (64 bytes, in clear): magic 8, version 2, sealed 1, store key algorithm 1, body length 4, store key id 32, nonce 12, zero 4.
/// Then the body, encrypted with AES-GCM under a key derived from the store key with the header as associated data, and the tag (16 bytes);
/// in plain mode the body is readable and followed by the SHA-256 of all before it.
/// </summary>
/// <remarks>Because the header names the store key, a wrong key is told apart from damage.</remarks>
internal static class RegistryFile
{
    private const int HeaderLength = 64;
    private const int IdAt = 16;
    private const int NonceAt = 48;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxLength = 16 * 1024 * 1024;   // a weekly key for a thousand years is a tenth of it
    private const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "CHITINDK"u8;

    private static ReadOnlySpan<byte> Purpose => "chitin: data key registry"u8;

    public static (string Id, CipherAlgorithm Algorithm) ReadHeader(string path) => ParseHeader(path, ReadAll(path));

    public static RegistryContent Read(string path, StoreKey key)
    {
        var file = ReadAll(path);
        var (_, algorithm) = ParseHeader(path, file);
        if (algorithm != key.Algorithm)
            throw Damaged(path, $"it names {algorithm.Name()}, but store key ID {key.Id} is for {key.Algorithm.Name()}");
        var header = file.AsSpan(0, HeaderLength);
        var body = GC.AllocateUninitializedArray<byte>(BinaryPrimitives.ReadInt32LittleEndian(header[12..]), pinned: true);
        try
        {
            if (key.IsPlain)
                OpenPlain(path, file, body);
            else
                OpenSealed(path, file, body, key);
            return Decode(path, body);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    public static void Write(string path, RegistryContent content, StoreKey key)
    {
        var body = Encode(content);
        try
        {
            var file = new byte[HeaderLength + body.Count + (key.IsPlain ? SHA256.HashSizeInBytes : TagLength)];
            var header = file.AsSpan(0, HeaderLength);
            Magic.CopyTo(header);
            BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
            header[10] = key.IsPlain ? (byte)0 : (byte)1;
            header[11] = (byte)key.Algorithm;
            BinaryPrimitives.WriteInt32LittleEndian(header[12..], body.Count);
            if (key.IsPlain)
            {
                body.AsSpan().CopyTo(file.AsSpan(HeaderLength));
                SHA256.HashData(file.AsSpan(0, HeaderLength + body.Count), file.AsSpan(HeaderLength + body.Count));
            }
            else
            {
                Convert.FromHexString(key.Id).CopyTo(header[IdAt..]);
                RandomNumberGenerator.Fill(header.Slice(NonceAt, NonceLength));
                using var sealing = key.Derive(Purpose);
                using var cipher = new AesGcm(sealing.Span, TagLength);
                cipher.Encrypt(
                    header.Slice(NonceAt, NonceLength), body, file.AsSpan(HeaderLength, body.Count), file.AsSpan(HeaderLength + body.Count), header);
            }

            DurableFile.Replace(path, file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body.Array);
        }
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= MaxLength ? File.ReadAllBytes(path) : throw Damaged(path, "it is too long");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EncryptionException(EncryptionFailure.Damaged, $"could not read data key registry {path}: {e.Message}", path, e);
        }
    }

    private static (string Id, CipherAlgorithm Algorithm) ParseHeader(string path, byte[] file)
    {
        if (file.Length < HeaderLength || !file.AsSpan().StartsWith(Magic))
            throw Damaged(path, "it does not start as a registry does");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        if (version != Version)
            throw new EncryptionException(EncryptionFailure.Unsupported, $"data key registry {path} has version {version}, which this program does not know", path);
        var isSealed = file[10] == 1;
        var algorithm = (CipherAlgorithm)file[11];
        var trailer = isSealed ? TagLength : SHA256.HashSizeInBytes;
        if (file[10] > 1 || algorithm > CipherAlgorithm.Aes256Ctr || isSealed == (algorithm == CipherAlgorithm.Plaintext) ||
            BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(12)) != file.Length - HeaderLength - trailer)
        {
            throw Damaged(path, "its header does not fit its length");
        }

        return (isSealed ? Convert.ToHexStringLower(file, IdAt, StoreKey.IdLength) : StoreKey.PlainId, algorithm);
    }

    private static void OpenPlain(string path, byte[] file, byte[] body)
    {
        var end = HeaderLength + body.Length;
        if (!SHA256.HashData(file.AsSpan(0, end)).AsSpan().SequenceEqual(file.AsSpan(end)))
            throw Damaged(path, "its checksum does not match");
        file.AsSpan(HeaderLength, body.Length).CopyTo(body);
    }

    private static void OpenSealed(string path, byte[] file, byte[] body, StoreKey key)
    {
        var header = file.AsSpan(0, HeaderLength);
        using var sealing = key.Derive(Purpose);
        using var cipher = new AesGcm(sealing.Span, TagLength);
        try
        {
            cipher.Decrypt(header.Slice(NonceAt, NonceLength), file.AsSpan(HeaderLength, body.Length), file.AsSpan(HeaderLength + body.Length), body, header);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Damaged(path, $"it does not open with store key ID {key.Id} of {key.Source}, which it names: the registry or the key file has changed", e);
        }
    }

    /// <summary>Store keys in order of use, then data keys, then the active data key. The segment's array is pinned and to be wiped.</summary>
    private static ArraySegment<byte> Encode(RegistryContent content)
    {
        var capacity = 64 + content.StoreKeys.Sum(k => 128 + (4 * (k.Id.Length + k.Source.Length))) + (512 * content.Keys.Count);
        var buffer = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
        using var writer = new BinaryWriter(new MemoryStream(buffer));
        writer.Write(content.StoreKeys.Length);
        foreach (var key in content.StoreKeys)
        {
            writer.Write(key.Id);
            writer.Write((byte)key.Algorithm);
            writer.Write(key.Created.ToUnixTimeMilliseconds());
            writer.Write(key.Source);
        }

        writer.Write(content.Keys.Count);
        foreach (var key in content.DataKeys)
        {
            WriteId(writer, key.Id);
            writer.Write((byte)key.Algorithm);
            writer.Write(key.Created.ToUnixTimeMilliseconds());
            writer.Write(key.StoreKeyId);
            writer.Write(key.Exposed);
            writer.Write(key.Secret);
        }

        WriteId(writer, content.ActiveId);
        return new ArraySegment<byte>(buffer, 0, (int)writer.BaseStream.Position);
    }

    private static RegistryContent Decode(string path, byte[] body)
    {
        var keys = ImmutableDictionary.CreateBuilder<DataKeyId, DataKey>();
        try
        {
            using var reader = new BinaryReader(new MemoryStream(body));
            var storeKeys = ImmutableArray.CreateBuilder<StoreKeyInfo>();
            for (var count = reader.ReadInt32(); count > 0; count--)
                storeKeys.Add(new StoreKeyInfo(reader.ReadString(), ReadAlgorithm(reader), ReadTime(reader), reader.ReadString()));
            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                var key = ReadDataKey(reader);
                keys.Add(key.Id, key);
            }

            var active = ReadId(reader);
            if (reader.BaseStream.Position != body.Length || storeKeys.Count == 0 || (active != DataKeyId.None && !keys.ContainsKey(active)))
                throw new InvalidDataException();
            return new RegistryContent(storeKeys.ToImmutable(), keys.ToImmutable(), active);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or DecoderFallbackException)
        {
            foreach (var key in keys.Values)
                key.Dispose();
            throw Damaged(path, "its body is not in the form of its version", e);
        }
    }

    private static DataKey ReadDataKey(BinaryReader reader)
    {
        var id = ReadId(reader);
        var algorithm = ReadAlgorithm(reader);
        var created = ReadTime(reader);
        var storeKeyId = reader.ReadString();
        var exposed = reader.ReadBoolean();
        Span<byte> secret = stackalloc byte[algorithm.KeyLength()];
        reader.BaseStream.ReadExactly(secret);
        var key = new DataKey(id, algorithm, created, storeKeyId, exposed, KeyBytes.CopyOf(secret));
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    private static CipherAlgorithm ReadAlgorithm(BinaryReader reader)
    {
        var algorithm = (CipherAlgorithm)reader.ReadByte();
        return algorithm <= CipherAlgorithm.Aes256Ctr ? algorithm : throw new InvalidDataException();
    }

    private static DateTimeOffset ReadTime(BinaryReader reader) => DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());

    private static DataKeyId ReadId(BinaryReader reader)
    {
        Span<byte> bytes = stackalloc byte[16];
        reader.BaseStream.ReadExactly(bytes);
        return new DataKeyId(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    private static void WriteId(BinaryWriter writer, DataKeyId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id.Value);
        writer.Write(bytes);
    }

    private static EncryptionException Damaged(string path, string problem, Exception? inner = null) =>
        new(EncryptionFailure.Damaged, $"data key registry {path} is damaged: {problem}", path, inner);
}
