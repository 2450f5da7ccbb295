using System.Buffers.Binary;
using System.Numerics;
using Chitin.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Chitin.Storage;

/// <summary>How a write-ahead log ends.</summary>
internal enum LogEnd
{
    /// <summary>With a whole record, or it is empty.</summary>
    Clean,

    /// <summary>With a piece of a record after which nothing valid follows: a write that a crash has cut short.</summary>
    Torn,

    /// <summary>Somewhere a record is broken, and a whole one follows: what follows was written later, so the break is damage.</summary>
    Damaged,

    /// <summary>The file has no readable header, and is not just empty.</summary>
    NoHeader,
}

/// <summary>What the scan of one log has found. Offsets count from the start of the file.</summary>
internal sealed record LogScan(string Path, long Number, LogEnd End, long ValidEnd, long Length, long Records, string? Problem);

/// <summary>
/// Reads a write-ahead log of RocksDB without changing anything, to tell a torn tail from damage. The format (RocksDB wiki, "Write Ahead Log File Format"):
/// blocks of 32 KiB; in them records of checksum 4, length 2, type 1 and payload, cut into first, middle and last pieces at block ends.
/// </summary>
internal sealed class WriteAheadLogFile : IDisposable
{
    private const int BlockLength = 32 * 1024;
    private const int RecordHeader = 7;
    private const int RecyclableHeader = 11;
    private const int SearchBudget = 512 * 1024 * 1024;   // bytes that the search behind a break may checksum: about 0.2 s

    private readonly SafeFileHandle _file;
    private readonly AesCtr? _cipher;
    private readonly UInt128 _counter;
    private readonly long _length;   // of the content, without the header
    private readonly byte[] _block = new byte[BlockLength];
    private long _loaded = -1;
    private int _loadedLength;
    private long _searched;

    private WriteAheadLogFile(SafeFileHandle file, AesCtr? cipher, UInt128 counter, long length) =>
        (_file, _cipher, _counter, _length) = (file, cipher, counter, length);

    /// <summary>The types of a record (log_format.h); those from 5 to 8, 11 and 131 have the longer header.</summary>
    private enum Kind : byte
    {
        Full = 1,
        First = 2,
        Middle = 3,
        Last = 4,
    }

    public static LogScan Scan(string path, DataKeyRegistry keys)
    {
        var number = long.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture);
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        var header = new byte[FileHeader.Length];
        var read = RandomAccess.Read(file, header, 0);
        // The header reaches the disk with the first sync at the latest: without one nothing in the file was ever acknowledged.
        if (read < header.Length || !header.AsSpan().ContainsAnyExcept((byte)0))
            return new LogScan(path, number, LogEnd.Clean, 0, length, 0, null);
        if (FileHeader.Read(header, keys, out var parsed, out var key) is { } problem)
            return new LogScan(path, number, LogEnd.NoHeader, 0, length, 0, problem);
        using var log = new WriteAheadLogFile(file, key?.Cipher, parsed.InitialCounter, length - FileHeader.Length);
        var (end, validEnd, records) = log.Scan();
        return new LogScan(path, number, end, validEnd + FileHeader.Length, length, records, null);
    }

    public void Dispose() => Array.Clear(_block);

    private (LogEnd End, long ValidEnd, long Records) Scan()
    {
        long position = 0, validEnd = 0, records = 0;
        while (position < _length)
        {
            if (!TryReadWhole(position, out var end, out var isData))
                return (FollowedByRecord(validEnd) ? LogEnd.Damaged : LogEnd.Torn, validEnd, records);
            position = validEnd = end;
            if (isData)
                records++;
            if (BlockLength - (position % BlockLength) < RecordHeader)
                position += BlockLength - (position % BlockLength);   // too short for a record: padding
        }

        return (LogEnd.Clean, Math.Min(validEnd, _length), records);
    }

    /// <summary>A whole record: one full piece, or a first, middles and a last. Others than those carry settings of the log, not data.</summary>
    private bool TryReadWhole(long position, out long end, out bool isData)
    {
        isData = true;
        if (!TryReadPiece(position, out end, out var kind))
            return false;
        if (kind is null)
        {
            isData = false;
            return true;
        }

        if (kind == Kind.Full)
            return true;
        if (kind != Kind.First)
            return false;
        while (true)
        {
            if (BlockLength - (end % BlockLength) < RecordHeader)
                end += BlockLength - (end % BlockLength);
            if (!TryReadPiece(end, out end, out kind) || kind is not (Kind.Middle or Kind.Last))
                return false;
            if (kind == Kind.Last)
                return true;
        }
    }

    private bool TryReadPiece(long position, out long end, out Kind? kind)
    {
        end = position;
        kind = null;
        Load(position / BlockLength);
        var at = (int)(position % BlockLength);
        var rest = _block.AsSpan(0, _loadedLength)[Math.Min(at, _loadedLength)..];
        if (rest.Length < RecordHeader)
            return false;
        var type = rest[6];
        var isRecyclable = type is (>= 5 and <= 8) or 11 or 131;
        if (!isRecyclable && type is not ((>= 1 and <= 4) or 9 or 10 or 130))
            return false;
        var header = isRecyclable ? RecyclableHeader : RecordHeader;
        var length = header + BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
        if (length > rest.Length)
            return false;
        _searched += length;
        if (Masked(Checksum(rest[6..length])) != BinaryPrimitives.ReadUInt32LittleEndian(rest))
            return false;
        end = position + length;
        kind = type switch { >= 1 and <= 4 => (Kind)type, >= 5 and <= 8 => (Kind)(type - 4), _ => null };
        return true;
    }

    /// <summary>
    /// Whether a whole data record begins anywhere behind a break. Pieces of the broken record itself do not count: a crash may have put
    /// its later blocks on disk and not its first.
    /// </summary>
    private bool FollowedByRecord(long validEnd)
    {
        _searched = 0;
        for (var position = validEnd + 1; position + RecordHeader <= _length;)
        {
            if (TryReadPiece(position, out var end, out var kind))
            {
                if (kind is Kind.Full || (kind is Kind.First && TryReadWhole(position, out _, out _)))
                    return true;
                position = kind is Kind.Middle or Kind.Last or null ? end : position + 1;
            }
            else
            {
                var nextBlock = ((position / BlockLength) + 1) * BlockLength;
                position = _searched < SearchBudget ? position + 1 : nextBlock;
            }
        }

        return false;
    }

    private void Load(long block)
    {
        if (_loaded == block)
            return;
        var from = block * BlockLength;
        _loadedLength = (int)Math.Clamp(_length - from, 0, BlockLength);
        var target = _block.AsSpan(0, _loadedLength);
        var at = FileHeader.Length + from;
        for (var done = 0; done < target.Length;)
        {
            var read = RandomAccess.Read(_file, target[done..], at + done);
            if (read == 0)
            {
                _loadedLength = done;
                target = target[..done];
                break;
            }

            done += read;
        }

        _cipher?.Transform(_counter, (ulong)at, target);
        _loaded = block;
    }

    /// <summary>RocksDB stores CRC-32C rotated and shifted, so that a checksum over checksums stays a good one.</summary>
    private static uint Masked(uint checksum) => BitOperations.RotateRight(checksum, 15) + 0xa282ead8;

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            checksum = BitOperations.Crc32C(checksum, value);
        return ~checksum;
    }
}
