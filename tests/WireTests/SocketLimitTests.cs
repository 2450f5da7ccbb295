using System.Net;
using Chitin.Server.PgWire;

namespace Chitin.WireTests;

public sealed class SocketLimitTests
{
    private static readonly IPAddress s_first = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_second = IPAddress.Parse("192.0.2.2");

    [Fact]
    public void One_address_holds_half_of_what_waits_and_all_that_sign_in()
    {
        var limit = new SocketLimit(maxConnections: 10);   // 120 sockets
        for (var i = 0; i < 60; i++)
            Assert.True(limit.TryEnter(s_first));
        Assert.False(limit.TryEnter(s_first));
        Assert.False(limit.TryEnter(s_first.MapToIPv6()));
        for (var i = 0; i < 60; i++)
            limit.SignedIn(s_first);
        for (var i = 0; i < 60; i++)
            Assert.True(limit.TryEnter(i % 2 == 0 ? s_first : s_second));
        Assert.False(limit.TryEnter(s_second));
        Assert.Equal(120, limit.Open);
        for (var i = 0; i < 60; i++)
            limit.Leave(s_first, hasSignedIn: true);
        for (var i = 0; i < 60; i++)
            limit.Leave(i % 2 == 0 ? s_first : s_second, hasSignedIn: false);
        Assert.Equal(0, limit.Open);
        Assert.True(limit.TryEnter(s_second));
    }

    [Fact]
    public void Addresses_of_one_network_of_IPv6_count_together()
    {
        var limit = new SocketLimit(maxConnections: 10);
        for (var i = 0; i < 60; i++)
            Assert.True(limit.TryEnter(IPAddress.Parse($"2001:db8::{i:x}")));
        Assert.False(limit.TryEnter(IPAddress.Parse("2001:db8::ffff")));
        Assert.True(limit.TryEnter(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.True(limit.TryEnter(null));
    }
}
