using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Chitin.Server.Http;

/// <summary>Tells somebody who speaks plain HTTP to the HTTPS port what is wrong, instead of a broken handshake.</summary>
internal static class PlainHttpRefusal
{
    private const byte TlsHandshakeRecord = 0x16;

    private static readonly byte[] s_answer = Encoding.ASCII.GetBytes(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 54\r\nConnection: close\r\n\r\nThis port speaks HTTPS only: use https:// in the URL.\n");

    public static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var input = connection.Transport.Input;
        var result = await input.ReadAsync(connection.ConnectionClosed);
        var first = result.Buffer.IsEmpty ? TlsHandshakeRecord : result.Buffer.FirstSpan[0];
        input.AdvanceTo(result.Buffer.Start);
        if (first == TlsHandshakeRecord)
        {
            await next(connection);
            return;
        }

        await connection.Transport.Output.WriteAsync(s_answer);
        await connection.Transport.Output.CompleteAsync();
    }
}
