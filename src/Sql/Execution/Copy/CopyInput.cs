using System.Buffers;
using Chitin.Core;

namespace Chitin.Sql.Execution.Copy;

/// <summary>The client's data with a look ahead, by which small loads are told from large ones.</summary>
internal sealed class CopyInput(ICopySource source, CancellationToken cancellationToken)
{
    /// <summary>Bytes from which on a load counts as large.</summary>
    private const int LargeBytes = 1 << 20;

    private ArrayBufferWriter<byte>? _ahead;
    private SqlException? _failure;
    private bool _ended;

    /// <summary>Reads ahead until the data ends or is large. An end that the client has broken off (57014) comes behind what was read.</summary>
    public async ValueTask<bool> IsLargeAsync()
    {
        _ahead = new ArrayBufferWriter<byte>(64 << 10);
        try
        {
            while (_ahead.WrittenCount < LargeBytes)
            {
                var chunk = await source.ReadAsync(cancellationToken);
                if (chunk.IsEmpty)
                {
                    _ended = true;
                    return false;
                }

                _ahead.Write(chunk.Span);
            }

            return true;
        }
        catch (SqlException failure) when (failure is { IsFatal: false, State.Code: "57014" })
        {
            _failure = failure;
            return false;
        }
    }

    /// <summary>The next chunk; empty at the end.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        if (_ahead is { WrittenCount: > 0 } ahead)
        {
            _ahead = null;
            return ValueTask.FromResult(ahead.WrittenMemory);
        }

        if (_failure is { } failure)
            return ValueTask.FromException<ReadOnlyMemory<byte>>(failure);
        return _ended ? ValueTask.FromResult(ReadOnlyMemory<byte>.Empty) : source.ReadAsync(cancellationToken);
    }
}
