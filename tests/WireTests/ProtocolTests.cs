using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>What no driver does: broken messages, direct TLS, cancel with a wrong secret.</summary>
public sealed class ProtocolTests(RunningNode node)
{
    private static readonly byte[] s_sslRequest = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];

    private async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", node.Endpoints.SqlPort, TestContext.Current.CancellationToken);
        return new NetworkStream(socket, ownsSocket: true) { ReadTimeout = 10_000 };
    }

    private async Task<SslStream> SecureAsync(NetworkStream stream, bool direct)
    {
        if (!direct)
        {
            await stream.WriteAsync(s_sslRequest, TestContext.Current.CancellationToken);
            Assert.Equal('S', stream.ReadByte());
        }

        using var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(node.CertsDirectory, "ca.crt"));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = policy,
            ApplicationProtocols = direct ? [new SslApplicationProtocol("postgresql")] : null,
        }, TestContext.Current.CancellationToken);
        return tls;
    }

    private static byte[] Startup(params string[] pairs)
    {
        var body = new List<byte> { 0, 3, 0, 0 };
        foreach (var text in pairs)
            body.AddRange([.. Encoding.UTF8.GetBytes(text), 0]);
        body.Add(0);
        var packet = new byte[body.Count + 4];
        BinaryPrimitives.WriteInt32BigEndian(packet, packet.Length);
        body.CopyTo(packet, 4);
        return packet;
    }

    private static async Task<(char Code, byte[] Body)> ReadAsync(Stream stream)
    {
        var header = new byte[5];
        await stream.ReadExactlyAsync(header, TestContext.Current.CancellationToken);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
        await stream.ReadExactlyAsync(body, TestContext.Current.CancellationToken);
        return ((char)header[0], body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TLS_begins_by_request_or_at_once(bool direct)
    {
        await using var stream = await ConnectAsync();
        await using var tls = await SecureAsync(stream, direct);
        await tls.WriteAsync(Startup("user", "app", "database", "work"), TestContext.Current.CancellationToken);
        var (code, body) = await ReadAsync(tls);
        Assert.Equal('R', code);
        Assert.Equal(10, BinaryPrimitives.ReadInt32BigEndian(body));
        Assert.Equal("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", Encoding.UTF8.GetString(body.AsSpan(4)));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 4 })]                             // a packet without version
    [InlineData(new byte[] { 0x7F, 0xFF, 0xFF, 0xFF, 0, 3, 0, 0 })]     // two gigabytes
    [InlineData(new byte[] { 0, 0, 0, 9, 0, 3, 0, 0, 1 })]              // no terminator
    public async Task Broken_startup_packets_end_the_connection(byte[] packet)
    {
        await using var stream = await ConnectAsync();
        await using var tls = await SecureAsync(stream, direct: false);
        await tls.WriteAsync(packet, TestContext.Current.CancellationToken);
        var (code, body) = await ReadAsync(tls);
        Assert.Equal('E', code);
        Assert.Contains("C08P01\0", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
        Assert.Equal(0, await tls.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(1, await RunningNode.Scalar(await node.OpenAsync(), "SELECT 1"));
    }

    [Fact]
    public async Task A_message_of_another_kind_during_login_ends_the_connection()
    {
        await using var stream = await ConnectAsync();
        await using var tls = await SecureAsync(stream, direct: false);
        await tls.WriteAsync(Startup("user", "app", "database", "work"), TestContext.Current.CancellationToken);
        await ReadAsync(tls);
        await tls.WriteAsync("Q\0\0\0\x0DSELECT 1\0"u8.ToArray(), TestContext.Current.CancellationToken);
        var (code, body) = await ReadAsync(tls);
        Assert.Equal('E', code);
        Assert.Contains("C08P01\0", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_is_cancelled_by_who_knows_the_secret()
    {
        await using var connection = await node.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_sleep(30)", connection);
        var running = command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        // On a busy machine the first request may come before the statement runs, where it has nothing to cancel.
        for (var i = 0; i < 50 && !running.IsCompleted; i++)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            command.Cancel();
        }

        var error = await Assert.ThrowsAnyAsync<Exception>(() => running);
        Assert.Contains("57014", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, await RunningNode.Scalar(connection, "SELECT 1"));
    }

    [Fact]
    public async Task Statement_timeout_ends_a_statement()
    {
        await using var connection = await node.OpenAsync();
        await RunningNode.Execute(connection, "SET statement_timeout = 100");
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunningNode.Execute(connection, "SELECT pg_sleep(30)"));
        Assert.Equal("57014", error.SqlState);
    }
}
