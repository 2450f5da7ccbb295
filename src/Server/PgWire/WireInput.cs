using System.Buffers;
using Chitin.Core;
using Chitin.Protocol;

namespace Chitin.Server.PgWire;

/// <summary>
/// Received bytes of one connection, in one array: messages are read where they lie. The array grows for a long message, never beyond the message bound, and shrinks after it.
/// </summary>
internal sealed class WireInput : IDisposable
{
    private const int InitialBytes = 8 * 1024;

    private readonly WireLimits _limits;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private int _start;
    private int _end;
    private int _wanted;

    public WireInput(Stream stream, WireLimits limits)
    {
        Stream = stream;
        _limits = limits;
    }

    /// <summary>Set anew when TLS begins.</summary>
    public Stream Stream { get; set; }

    public int BufferedBytes => _end - _start;

    /// <summary>The next message, if it is here whole. The body lives until the next read or take.</summary>
    public bool TryTake(out FrontendCode code, out ReadOnlyMemory<byte> body)
    {
        var received = _bytes.AsSpan(_start, _end - _start);
        return Took(FrontendFrame.TryRead(received, _limits, out code, out _, out var frameLength), FrontendFrame.HeaderLength, frameLength, out body);
    }

    /// <summary>As <see cref="TryTake"/>, for a client that is not signed in yet.</summary>
    public bool TryTakeBeforeLogin(out FrontendCode code, out ReadOnlyMemory<byte> body)
    {
        var received = _bytes.AsSpan(_start, _end - _start);
        return Took(FrontendFrame.TryReadBeforeLogin(received, _limits, out code, out _, out var frameLength), FrontendFrame.HeaderLength, frameLength, out body);
    }

    public bool TryTakeStartup(out ReadOnlyMemory<byte> body)
    {
        var received = _bytes.AsSpan(_start, _end - _start);
        return Took(FrontendFrame.TryReadStartup(received, _limits, out _, out var frameLength), 4, frameLength, out body);
    }

    /// <summary>Waits for more bytes; false at the end of the stream.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var isThere = await ReadHereAsync(cancellationToken);
        await WorkerThread.SwitchAsync();
        return isThere;
    }

    /// <summary>As <see cref="ReadAsync"/>, but goes on on the thread of the socket: for who does little and leaves it before doing more.</summary>
    public async ValueTask<bool> ReadHereAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var count = await Stream.ReadAsync(_bytes.AsMemory(_end), cancellationToken);
        _end += count;
        return count != 0;
    }

    /// <summary>Wipes what was received: passwords pass through here.</summary>
    public void Wipe()
    {
        if (_start == _end)
            Array.Clear(_bytes);
    }

    public void Dispose()
    {
        var bytes = _bytes;
        (_bytes, _start, _end) = ([], 0, 0);
        if (bytes.Length != 0)
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
    }

    private bool Took(bool isWhole, int header, int frameLength, out ReadOnlyMemory<byte> body)
    {
        if (!isWhole)
        {
            _wanted = frameLength;
            body = default;
            return false;
        }

        body = _bytes.AsMemory(_start + header, frameLength - header);
        _start += frameLength;
        _wanted = 0;
        return true;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
            if (_bytes.Length > 64 * 1024 && _wanted <= InitialBytes)
                Replace(InitialBytes);
        }

        var needed = Math.Max(_wanted, InitialBytes / 2);
        if (_bytes.Length - _start >= needed && _end < _bytes.Length)
            return;
        if (_bytes.Length >= needed && _end - _start < _bytes.Length)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }
        else
            Replace(Math.Max(needed, _end - _start + 1));
    }

    /// <summary>Grows by doubling towards a long message, so that a length word alone makes nothing be allocated.</summary>
    private void Replace(int size)
    {
        var held = _end - _start;
        size = Math.Min(size, Math.Max(InitialBytes, 2 * Math.Max(held, _bytes.Length)));
        var fresh = ArrayPool<byte>.Shared.Rent(Math.Max(size, held + 1));
        _bytes.AsSpan(_start, held).CopyTo(fresh);
        ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        (_bytes, _start, _end) = (fresh, 0, held);
    }
}
