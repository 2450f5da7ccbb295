using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Chitin.Cryptography;

/// <summary>
/// A file of AES-GCM blocks: written once from front to back, then read anywhere. Header (64 bytes): magic 8, version 2, zero 2, block length 4, file id 16, zero.
/// Each block is ciphertext and tag; its nonce is its number, its associated data are the header, its number and whether it is the last.
/// So a block that was changed, moved, taken from another file or cut off does not open.
/// </summary>
/// <remarks>The key of a file is derived from its random id, and every block is written once: no nonce repeats. For one thread at a time.</remarks>
public sealed class SealedFile : IDisposable
{
    public const int BlockLength = 32 * 1024;

    private const int HeaderLength = 64;
    private const int StoredBlockLength = BlockLength + SealedBlock.TagLength;
    private const int PlaceLength = HeaderLength + sizeof(long) + 1;
    private const ushort Version = 1;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly IDisposable _owner;   // of the handle: File.OpenHandle takes no mode, so a new file comes from a stream
    private readonly AesGcm _cipher;
    private readonly byte[] _place = new byte[PlaceLength];
    private readonly byte[] _plain = GC.AllocateUninitializedArray<byte>(BlockLength);
    private readonly byte[] _stored = GC.AllocateUninitializedArray<byte>(StoredBlockLength);
    private long _block;   // writing: the number of the block being filled; reading: the one in _plain, or -1
    private int _filled;
    private bool _complete;

    private SealedFile(string path, SafeFileHandle file, IDisposable owner, SealingKey key, ReadOnlySpan<byte> header)
    {
        (_path, _file, _owner) = (path, file, owner);
        header.CopyTo(_place);
        _cipher = key.OpenCipher(header.Slice(16, 16));
    }

    private static ReadOnlySpan<byte> Magic => "CHITINSF"u8;

    /// <summary>Bytes of content.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes on disk.</summary>
    public long StoredLength => _complete ? StoredLengthOf(Length) : HeaderLength + (_block * StoredBlockLength);

    /// <summary>A new file with mode 0600, open for writing. An existing one is an <see cref="IOException"/>.</summary>
    /// <param name="deleteOnClose">The file goes when it is disposed.</param>
    public static SealedFile Create(string path, SealingKey key, bool deleteOnClose = false)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], BlockLength);
        RandomNumberGenerator.Fill(header.Slice(16, 16));
        var stream = OpenNew(path, deleteOnClose);
        try
        {
            var file = stream.SafeFileHandle;
            RandomAccess.Write(file, header, 0);
            return new SealedFile(path, file, stream, key, header);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>A complete file, open for reading. Its last block is opened at once, so that a file that was cut is refused here.</summary>
    public static SealedFile Open(string path, SealingKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> header = stackalloc byte[HeaderLength];
        var file = File.OpenHandle(path);
        SealedFile? opened = null;
        try
        {
            if (RandomAccess.Read(file, header, 0) != HeaderLength || !header.StartsWith(Magic) ||
                BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) != Version || BinaryPrimitives.ReadInt32LittleEndian(header[12..]) != BlockLength)
            {
                throw Damaged(path, -1);
            }

            var blocks = RandomAccess.GetLength(file) - HeaderLength;
            var tail = blocks % StoredBlockLength;
            if (blocks < SealedBlock.TagLength || tail is > 0 and < SealedBlock.TagLength)
                throw Damaged(path, -1);
            var full = blocks / StoredBlockLength;
            var length = (full * BlockLength) + (tail == 0 ? 0 : tail - SealedBlock.TagLength);
            opened = new SealedFile(path, file, file, key, header) { Length = length, _complete = true, _block = -1 };
            opened.Load(opened.LastBlock);
            return opened;
        }
        catch
        {
            opened?._cipher.Dispose();
            file.Dispose();
            throw;
        }
    }

    public void Write(ReadOnlySpan<byte> content)
    {
        if (_complete)
            throw new InvalidOperationException("the sealed file is complete");
        Length += content.Length;
        while (!content.IsEmpty)
        {
            if (_filled == BlockLength)
                Flush(last: false);
            var part = content[..Math.Min(content.Length, BlockLength - _filled)];
            part.CopyTo(_plain.AsSpan(_filled));
            _filled += part.Length;
            content = content[part.Length..];
        }
    }

    /// <summary>Ends writing; from now on the file can be read.</summary>
    public void Complete(bool sync = false)
    {
        if (_complete)
            return;
        Flush(last: true);
        _complete = true;
        _block--;   // the last block is still in memory
        if (sync)
            RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Reads up to a full buffer from a position; fewer bytes, or none, at the end.</summary>
    public int Read(long position, Span<byte> buffer)
    {
        if (!_complete)
            throw new InvalidOperationException("the sealed file is still being written");
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        var total = 0;
        while (!buffer.IsEmpty && position < Length)
        {
            var (number, within) = Math.DivRem(position, BlockLength);
            Load(number);
            var part = _plain.AsSpan((int)within, (int)Math.Min(buffer.Length, Math.Min(BlockLength - within, Length - position)));
            part.CopyTo(buffer);
            buffer = buffer[part.Length..];
            position += part.Length;
            total += part.Length;
        }

        return total;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_plain);
        _cipher.Dispose();
        _owner.Dispose();
    }

    private static FileStream OpenNew(string path, bool deleteOnClose)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
            Options = deleteOnClose ? FileOptions.DeleteOnClose : FileOptions.None,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>The file always ends with a block marked as last; it is full only when the content fills it.</summary>
    private long LastBlock => Length == 0 ? 0 : (Length - 1) / BlockLength;

    private static long StoredLengthOf(long length) =>
        HeaderLength + length + (((length == 0 ? 0 : (length - 1) / BlockLength) + 1) * SealedBlock.TagLength);

    private void Flush(bool last)
    {
        Span<byte> nonce = stackalloc byte[SealedBlock.NonceLength];
        PrepareBlock(_block, last, nonce);
        _cipher.Encrypt(nonce, _plain.AsSpan(0, _filled), _stored.AsSpan(0, _filled), _stored.AsSpan(_filled, SealedBlock.TagLength), _place);
        RandomAccess.Write(_file, _stored.AsSpan(0, _filled + SealedBlock.TagLength), HeaderLength + (_block * StoredBlockLength));
        _block++;
        if (!last)
            _filled = 0;
    }

    private void Load(long number)
    {
        if (number == _block)
            return;
        _block = -1;
        var length = (int)Math.Min(BlockLength, Length - (number * BlockLength));
        var stored = _stored.AsSpan(0, length + SealedBlock.TagLength);
        if (RandomAccess.Read(_file, stored, HeaderLength + (number * StoredBlockLength)) != stored.Length)
            throw Damaged(_path, number);
        Span<byte> nonce = stackalloc byte[SealedBlock.NonceLength];
        PrepareBlock(number, number == LastBlock, nonce);
        try
        {
            _cipher.Decrypt(nonce, stored[..length], stored[length..], _plain.AsSpan(0, length), _place);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Damaged(_path, number, e);
        }

        _block = number;
    }

    private void PrepareBlock(long number, bool last, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(nonce, number);
        BinaryPrimitives.WriteInt64LittleEndian(_place.AsSpan(HeaderLength), number);
        _place[^1] = last ? (byte)1 : (byte)0;
    }

    private static EncryptionException Damaged(string path, long block, Exception? inner = null) => new(
        EncryptionFailure.Damaged,
        block < 0 ? $"sealed file {path} is damaged: it is not as long as it should be, or its header is not one" : $"sealed file {path} is damaged: block {block} does not open",
        path,
        inner);
}
