using Chitin.Core;
using Chitin.Protocol;
using Chitin.Protocol.Frontend;

namespace Chitin.UnitTests.Protocol;

public sealed class FrontendFrameTests
{
    [Fact]
    public void A_message_is_found_only_when_it_is_whole()
    {
        var message = new FrontendBytes().Text("select 1").Message('Q');
        for (var length = 0; length < message.Length; length++)
            Assert.False(FrontendFrame.TryRead(message.AsSpan(0, length), WireLimits.Default, out _, out _, out _));
        Assert.True(FrontendFrame.TryRead([.. message, 1, 2, 3], WireLimits.Default, out var code, out var body, out var frameLength));
        Assert.Equal(FrontendCode.Query, code);
        Assert.Equal(message.Length, frameLength);
        Assert.Equal(message.Length - 5, body.Length);
    }

    [Theory]
    [InlineData('Q', int.MaxValue)]
    [InlineData('Q', (16 * 1024 * 1024) + 1)]
    [InlineData('Q', 3)]
    [InlineData('Q', -1)]
    [InlineData('S', 10_001)]
    [InlineData('?', 4)]
    [InlineData('\0', 4)]
    public void A_bad_length_or_code_is_refused_before_anything_is_buffered(char code, int length)
    {
        byte[] header = [(byte)code, .. new FrontendBytes().Int32(length).Body()];
        var error = Assert.Throws<SqlException>(() => FrontendFrame.TryRead(header, WireLimits.Default, out _, out _, out _));
        Assert.Equal("08P01", error.State.Code);
        Assert.True(error.IsFatal);
    }

    [Fact]
    public void Before_login_only_password_messages_are_read()
    {
        var query = new FrontendBytes().Text("select 1").Message('Q');
        Assert.Throws<SqlException>(() => FrontendFrame.TryReadBeforeLogin(query, WireLimits.Default, out _, out _, out _));
        byte[] longPassword = [(byte)'p', .. new FrontendBytes().Int32(70_000).Body()];
        Assert.Throws<SqlException>(() => FrontendFrame.TryReadBeforeLogin(longPassword, WireLimits.Default, out _, out _, out _));
    }

    [Fact]
    public void A_startup_message_gives_its_parameters()
    {
        var bytes = new FrontendBytes().Int32(196608 + 2).Text("user").Text("max").Text("_pq_.x").Text("1").Text("database").Text("bank").Byte(0).Startup();
        Assert.True(FrontendFrame.TryReadStartup(bytes, WireLimits.Default, out var body, out _));
        var packet = StartupPacket.Read(body);
        Assert.Equal(StartupKind.Startup, packet.Kind);
        Assert.Equal(2, packet.MinorVersion);
        Assert.Equal("max", packet.Parameters["user"]);
        Assert.Equal("bank", packet.Parameters["database"]);
        Assert.Equal(["_pq_.x"], packet.Extensions);
    }

    [Fact]
    public void Requests_before_startup_are_told_apart()
    {
        Assert.Equal(StartupKind.SslRequest, StartupPacket.Read(new FrontendBytes().Int32(80877103).Body()).Kind);
        Assert.Equal(StartupKind.GssEncryptionRequest, StartupPacket.Read(new FrontendBytes().Int32(80877104).Body()).Kind);
        var cancel = StartupPacket.Read(new FrontendBytes().Int32(80877102).Int32(5).Int32(-6).Body());
        Assert.Equal((StartupKind.CancelRequest, 5, -6), (cancel.Kind, cancel.CancelProcessId, cancel.CancelSecret));
    }

    public static TheoryData<byte[], string> BadStartups => new()
    {
        { new FrontendBytes().Int32(2 << 16).Byte(0).Body(), "0A000" },
        { new FrontendBytes().Int32(196608).Body(), "08P01" },
        { new FrontendBytes().Int32(196608).Text("user").Body(), "08P01" },
        { new FrontendBytes().Int32(196608).Text("user").Text("max").Body(), "08P01" },
        { new FrontendBytes().Int32(196608).Byte(0).Byte(0).Body(), "08P01" },
        { new FrontendBytes().Int32(80877103).Byte(0).Body(), "08P01" },
        { new FrontendBytes().Int32(80877102).Int32(1).Body(), "08P01" },
        { new FrontendBytes().Int32(196608).Raw(0xff, 0).Text("x").Byte(0).Body(), "22021" },
    };

    [Theory]
    [MemberData(nameof(BadStartups))]
    public void A_malformed_startup_packet_is_refused(byte[] body, string sqlState)
    {
        var error = Assert.Throws<SqlException>(() => StartupPacket.Read(body));
        Assert.Equal(sqlState, error.State.Code);
        Assert.True(error.IsFatal);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(10_001)]
    [InlineData(-1)]
    public void A_startup_length_out_of_bounds_is_refused(int length) =>
        Assert.Throws<SqlException>(() => FrontendFrame.TryReadStartup(new FrontendBytes().Int32(length).Body(), WireLimits.Default, out _, out _));

    [Fact]
    public void Random_bytes_end_in_a_message_or_a_sql_error()
    {
        var random = new Random(20_261);
        var buffer = new byte[64];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = buffer.AsSpan(0, random.Next(buffer.Length));
            random.NextBytes(bytes);
            if (bytes.Length > 5 && round % 2 == 0)
            {
                bytes[0] = "BCDEFHPQScdfpX"u8[random.Next(14)];
                new FrontendBytes().Int32(random.Next(4, bytes.Length)).Body().CopyTo(bytes[1..]);
            }

            try
            {
                if (FrontendFrame.TryRead(bytes, WireLimits.Default, out var code, out var body, out _))
                    FrontendDecoder.Decode(code, body);
                if (bytes.Length >= 4)
                    StartupPacket.Read(bytes);
            }
            catch (SqlException)
            {
                // What a bad message must end in.
            }
        }
    }
}
