using System.Net;
using Chitin.Server.Configuration;
using Chitin.Server.Http;
using Chitin.Server.PgWire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chitin.Server.Hosting;

/// <summary>Kestrel with two ports: SQL (raw connections) and HTTPS.</summary>
internal static class Listeners
{
    /// <summary>Starts both. SocketException or IOException when a port is taken.</summary>
    public static async Task<(WebApplication Application, ServerEndpoints Endpoints)> StartAsync(ServerOptions options, PgServices services, HttpPages pages, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        // Signals are the host's business (drain first), not Kestrel's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.NoDelay = true;
            sockets.Backlog = 1024;
            // The message loop goes on where the bytes arrive: one thread switch less per round trip.
            sockets.UnsafePreferInlineScheduling = true;
            // A buffer of 4 KiB for each idle connection saves a call of the kernel per message.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        });
        var sqlPort = 0;
        var httpPort = 0;
        var sql = await ResolveAsync(options.ListenAddress);
        var http = await ResolveAsync(options.HttpAddress);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(sql, listen => listen.Run(context => PgConnection.ServeAsync(services, context)));
            kestrel.Listen(http, listen => ConfigureHttp(listen, services));
        });
        var application = builder.Build();
        application.Run(pages.ServeAsync);
        try
        {
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        // In the order in which they were given.
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (sqlPort, httpPort) = (PortOf(addresses[0]), PortOf(addresses[1]));
        return (application, new ServerEndpoints(sqlPort, httpPort));
    }

    private static void ConfigureHttp(ListenOptions listen, PgServices services)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        if (services.Certificates is not { } certificates)
        {
            listen.Protocols = HttpProtocols.Http1;
            return;
        }

        listen.Use(next => connection => PlainHttpRefusal.ServeAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(certificates.Current.Https),
            HandshakeTimeout = TimeSpan.FromSeconds(10),
        });
    }

    private static async Task<IPEndPoint> ResolveAsync(ListenAddress address)
    {
        if (address.IsAnyInterface)
            return new IPEndPoint(address.Host == "0.0.0.0" ? IPAddress.Any : IPAddress.IPv6Any, address.Port);
        if (address.Host == "localhost")
            return new IPEndPoint(IPAddress.Loopback, address.Port);
        if (IPAddress.TryParse(address.Host, out var parsed))
            return new IPEndPoint(parsed, address.Port);
        var found = await Dns.GetHostAddressesAsync(address.Host);
        return new IPEndPoint(found[0], address.Port);
    }

    private static int PortOf(string address) => int.Parse(address.AsSpan(address.LastIndexOf(':') + 1).TrimEnd('/'));

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
