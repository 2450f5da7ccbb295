using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Chitin.Core;
using Chitin.Cryptography;
using Chitin.Cryptography.Certificates;
using Chitin.Server.Configuration;
using Chitin.Server.Hosting;
using Chitin.Server.Logging;
using Chitin.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Chitin.Server;

/// <summary>The ports that a node really listens on (they differ from the options where those say 0).</summary>
public sealed record ServerEndpoints(int SqlPort, int HttpPort);

/// <summary>Hears that a node accepts connections.</summary>
public interface IReadinessSink
{
    void Ready(ServerEndpoints endpoints);
}

/// <summary>Runs a node from its start to its end.</summary>
public static partial class ServerHost
{
    public static string Version { get; } = typeof(ServerHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>
    /// For a process of its own, before its first socket: what waits for a socket goes on on the thread that polls it, of which there is one per processor, instead of being handed to the pool.
    /// Short statements run there; everything else leaves it (<see cref="WorkerThread"/>). An operator's own setting of the variable stays.
    /// </summary>
    public static void UseSocketThreads()
    {
        // The runtime has no other switch for it (SocketAsyncEngine.Unix.cs).
        const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }

    /// <summary>
    /// Opens the store, listens and serves until SIGTERM, SIGINT, <paramref name="stopping"/> or a failure of the disk. SIGHUP reads the certificates again.
    /// Returns the process's exit code: 0 after an orderly stop, 1 when the start was refused, 2 when the node had to give up.
    /// </summary>
    public static async Task<int> RunAsync(ServerOptions options, IReadinessSink? readiness, CancellationToken stopping)
    {
        ArgumentNullException.ThrowIfNull(options);
        var started = Stopwatch.GetTimestamp();
        SetUmask();
        var dumps = ForbidDumps();
        var clock = TimeProvider.System;
        using var loggers = MakeLoggers(options, clock);
        var logger = loggers.CreateLogger("Chitin.Server");
        var problems = options.Problems().ToArray();
        foreach (var problem in problems)
            logger.Fatal(problem, null);
        if (problems.Length != 0)
            return 1;
        if (options.Insecure)
            WarnInsecure(logger);
        if (dumps is { } fault)
            logger.DumpsAllowed(fault);
        // Statements run on pool threads, and some wait for the disk: the pool must not take seconds to grow to the number of busy sessions.
        ThreadPool.GetMinThreads(out _, out var completionThreads);
        ThreadPool.SetMinThreads(Math.Max(32, 4 * Environment.ProcessorCount), completionThreads);

        Node node;
        try
        {
            node = await Node.OpenAsync(options, loggers, clock, stopping);
        }
        catch (Exception e) when (e is EncryptionException or StorageException or CertificateException or SqlException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            logger.Fatal(Explain(e), null);
            return 1;
        }

        await using (node)
        {
            try
            {
                return await ServeAsync(node, options, readiness, logger, started, stopping);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or SqlException)
            {
                logger.Fatal(Explain(e), null);
                return 1;
            }
        }
    }

    private static async Task<int> ServeAsync(Node node, ServerOptions options, IReadinessSink? readiness, ILogger logger, long started, CancellationToken stopping)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            node.ReloadCertificates();
        });
        using var cancelled = stopping.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stop);

        var endpoints = await node.ListenAsync();
        using var pidFile = options.PidFile is { } path ? new PidFile(path) : null;
        logger.Started(Version, new ListenAddress(options.ListenAddress.Host, endpoints.SqlPort).ToString(), new ListenAddress(options.HttpAddress.Host, endpoints.HttpPort).ToString(),
            options.Insecure ? "INSECURE" : "TLS", options.StoreDirectory, node.EncryptionText, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        readiness?.Ready(endpoints);

        var failed = node.Failed;
        await Task.WhenAny(stop.Task, failed);
        if (failed.IsCompleted)
        {
            // After a failed sync nothing more may be promised: no draining, no further writes.
            var cause = await failed;
            logger.Fatal(cause.Message, cause);
            await node.AbortAsync();
            return 2;
        }

        await node.DrainAsync();
        logger.Stopped();
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }

    private static ILoggerFactory MakeLoggers(ServerOptions options, TimeProvider clock) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Information);
        // What keeps the listeners from starting is thrown, and told once by the caller.
        builder.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.AddProvider(new StandardErrorProvider(options.LogDirectory is null ? LogLevel.Information : LogLevel.Warning, clock));
        if (options.LogDirectory is { } directory)
            builder.AddProvider(new LogFileProvider(directory, LogLevel.Information, clock));
    });

    private static void WarnInsecure(ILogger logger)
    {
        foreach (var line in (string[])
        [
            "ALL SECURITY CONTROLS HAVE BEEN DISABLED BY --insecure!",
            "This mode is intended for non-production testing only. In this mode:",
            "- Your node is open to any client that can reach its address.",
            "- Intruders with access to your machine or network can observe client-server traffic.",
            "- Intruders can log in without password and read or write any data on the node.",
            "- Intruders can consume all your server's resources and cause unavailability.",
        ])
            logger.InsecureMode(line);
    }

    private static string Explain(Exception exception) => exception switch
    {
        CertificateException { Hint: { Length: > 0 } hint } => $"{exception.Message}\nHINT: {hint}",
        SqlException { Hint: { Length: > 0 } hint } => $"{exception.Message}\nHINT: {hint}",
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message.Replace("http://", "", StringComparison.Ordinal).Replace("https://", "", StringComparison.Ordinal)}\nHINT: another process listens there; give another --listen-addr or --http-addr",
        _ => exception.Message,
    };

    /// <summary>RocksDB makes its files with mode 0644; the process's mask makes them 0600.</summary>
    private static void SetUmask()
    {
        if (!OperatingSystem.IsWindows())
            _ = UMask(0b000_111_111);
    }

    /// <summary>
    /// A dump of the memory would put keys and rows on the disk in clear: the kernel makes none of this process, and no other process of its user can attach to it (prctl(2), PR_SET_DUMPABLE).
    /// Returns why that could not be had.
    /// </summary>
    private static string? ForbidDumps()
    {
        const int setDumpable = 4;
        if (!OperatingSystem.IsLinux())
            return "there is no such setting on this system";
        return ProcessControl(setDumpable, 0, 0, 0, 0) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint UMask(uint mask);
}
