using System.Runtime.InteropServices;

namespace Chitin.Storage.Native;

/// <summary>Read options with native memory for the timestamp and the bounds that they point to. One read at a time.</summary>
internal sealed unsafe class ReadContext : IDisposable
{
    private readonly ulong* _timestamp;
    private byte* _bounds;
    private int _boundsLength;

    public ReadContext()
    {
        _timestamp = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        Options = Rocks.ReadOptionsCreate();
        Rocks.ReadOptionsSetTimestamp(Options, (byte*)_timestamp, sizeof(ulong));
    }

    ~ReadContext() => Release();

    public nint Options { get; private set; }

    /// <summary>Valid for the reads that follow; the options point to it.</summary>
    public void SetTimestamp(Timestamp at) => *_timestamp = at.Value;

    /// <summary>Bounds without timestamps; empty is none.</summary>
    public void SetBounds(ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper)
    {
        var needed = lower.Length + upper.Length;
        if (needed > _boundsLength)
        {
            _boundsLength = Math.Max(256, needed);
            _bounds = (byte*)NativeMemory.Realloc(_bounds, (nuint)_boundsLength);
        }

        lower.CopyTo(new Span<byte>(_bounds, lower.Length));
        upper.CopyTo(new Span<byte>(_bounds + lower.Length, upper.Length));
        Rocks.ReadOptionsSetLowerBound(Options, lower.IsEmpty ? null : _bounds, (nuint)lower.Length);
        Rocks.ReadOptionsSetUpperBound(Options, upper.IsEmpty ? null : _bounds + lower.Length, (nuint)upper.Length);
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Options == 0)
            return;
        Rocks.ReadOptionsDestroy(Options);
        NativeMemory.Free(_timestamp);
        NativeMemory.Free(_bounds);
        Options = 0;
    }
}
