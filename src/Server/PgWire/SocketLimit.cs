using System.Buffers.Binary;
using System.Net;

namespace Chitin.Server.PgWire;

/// <summary>
/// Bounds the sockets of the SQL port. Those that have not signed in are bounded too, at twice the connections and some more, and one address may hold half of that at most while it has
/// not: who opens sockets and says nothing cannot keep others out alone.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SocketLimit(int maxConnections)
{
    private readonly int _limit = (2 * maxConnections) + 100;
    private readonly BoundedCounts<UInt128> _waiting = new(maxConnections + 50);
    private int _open;

    public int Open => Volatile.Read(ref _open);

    /// <summary>False when the socket is to be closed at once. Else <see cref="Leave"/> is called at its end.</summary>
    public bool TryEnter(IPAddress? address)
    {
        if (Interlocked.Increment(ref _open) <= _limit && _waiting.TryAdd(KeyOf(address)))
            return true;
        Interlocked.Decrement(ref _open);
        return false;
    }

    public void SignedIn(IPAddress? address) => _waiting.Remove(KeyOf(address));

    public void Leave(IPAddress? address, bool hasSignedIn)
    {
        Interlocked.Decrement(ref _open);
        if (!hasSignedIn)
            _waiting.Remove(KeyOf(address));
    }

    /// <summary>Of IPv6 the first 64 bits: the rest is the host's own choice (RFC 4291, 2.5.4).</summary>
    private static UInt128 KeyOf(IPAddress? address)
    {
        if (address is null)
            return UInt128.MaxValue;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out var length);
        if (length == 16)
            bytes[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
