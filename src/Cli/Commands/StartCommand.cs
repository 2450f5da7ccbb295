using System.CommandLine;
using Chitin.Cli.Hosting;
using Chitin.Cli.Output;
using Chitin.Server;
using Chitin.Server.Configuration;

namespace Chitin.Cli.Commands;

/// <summary>chitin start-single-node: reads the settings, shows every fault at once, and serves.</summary>
internal static class StartCommand
{
    public const string Name = "start-single-node";

    private static readonly (string Name, string Description)[] s_settings =
    [
        ("certs-dir", "Directory of ca.crt, node.crt and node.key. Default ~/.chitin-certs."),
        ("store", "The store's directory. Default chitin-data."),
        ("encryption", "path=STORE,key=FILE|plain[,old-key=FILE|plain][,rotation-period=168h], or plain for a store without encryption. Default: the key file STORE.key, made at the first start."),
        ("listen-addr", "HOST:PORT of the SQL port. Default :26257; with --insecure 127.0.0.1:26257."),
        ("http-addr", "HOST:PORT of the HTTPS port. Default :8080; with --insecure 127.0.0.1:8080."),
        ("cache", "Size of the block cache, such as 256MiB or 25%. Default 128MiB."),
        ("max-sql-memory", "What statements may hold in memory together. Default 512MiB."),
        ("max-connections", "Default 500."),
        ("log-dir", "Directory of chitin.log. Default: messages go to stderr; with --background STORE/logs."),
        ("sql-audit-dir", "Directory of chitin-sql-audit.log. Default: the log directory, else STORE/logs."),
        ("cert-principal-map", "CERT-PRINCIPAL:USER,…: names in certificates that stand for other users."),
        ("drain-timeout", "How long a stop waits for running statements. Default 10s."),
        ("pid-file", "File that receives the process id once the node serves."),
    ];

    public static Command Create()
    {
        var command = new Command(Name,
            "Start a node: SQL (PostgreSQL's protocol over TLS) and HTTPS.\n\n" +
            "Every flag can also be given as an environment variable (CHITIN_LISTEN_ADDR for --listen-addr) or in a settings file (JSON with the flags' names). Flags win over variables, variables over the file.\n\n" +
            "Example: chitin start-single-node --certs-dir=certs --store=data --encryption=path=data,key=/secure/store.key");
        var options = s_settings.Select(s => new Option<string>("--" + s.Name) { Description = s.Description }).ToList();
        foreach (var option in options)
            command.Options.Add(option);
        var insecure = new Option<bool>("--insecure") { Description = "No TLS and no passwords: for tests only. Listens on loopback unless --listen-addr says otherwise." };
        var withoutTls = new Option<bool>("--accept-sql-without-tls") { Description = "Let SQL clients without TLS log in by password." };
        var background = new Option<bool>("--background") { Description = "Return once the node serves, and leave it running." };
        var settings = new Option<string>("--settings-file") { Description = "A JSON file with settings (CHITIN_SETTINGS_FILE)." };
        foreach (var option in (Option[])[insecure, withoutTls, background, settings])
            command.Options.Add(option);
        command.SetAction(async (result, cancellation) =>
        {
            var flags = options.ToDictionary(o => o.Name.TrimStart('-'), o => result.GetValue(o));
            // Given as =false too: a flag wins over a variable.
            foreach (var option in (Option<bool>[])[insecure, withoutTls])
            {
                if (result.GetResult(option) is { Implicit: false })
                    flags[option.Name.TrimStart('-')] = result.GetValue(option) ? "true" : "false";
            }

            var file = result.GetValue(settings) ?? Environment.GetEnvironmentVariable("CHITIN_SETTINGS_FILE");
            return await RunAsync(flags, string.IsNullOrEmpty(file) ? null : file, result.GetValue(background), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Dictionary<string, string?> flags, string? settingsFile, bool background, CancellationToken cancellation)
    {
        var problems = new List<string>();
        var settings = settingsFile is null ? null : await File.ReadAllTextAsync(settingsFile, cancellation);
        var options = ServerOptionsReader.Read(flags, Environment.GetEnvironmentVariable, settings, problems);
        if (problems.Count > 0)
        {
            foreach (var problem in problems)
                Terminal.Error(problem);
            Terminal.Hint("see chitin start-single-node --help");
            return 1;
        }

        if (background)
        {
            var arguments = flags.Where(f => f.Value is not null).Select(f => $"--{f.Key}={f.Value}").ToList();
            if (settingsFile is not null)
                arguments.Add($"--settings-file={settingsFile}");
            if (options.PidFile is null)
                arguments.Add($"--pid-file={StopCommand.DefaultPidFile(options.StoreDirectory)}");
            if (options.LogDirectory is null)
                arguments.Add($"--log-dir={Path.Combine(options.StoreDirectory, "logs")}");
            var (process, endpoints) = await Background.StartAsync(arguments);
            Terminal.Line($"node running: process {process}, SQL port {endpoints.SqlPort}, HTTP port {endpoints.HttpPort}");
            return 0;
        }

        ServerHost.UseSocketThreads();
        if (!Background.IsChild)
            return await ServerHost.RunAsync(options, null, cancellation);
        Background.Detach();
        return await ServerHost.RunAsync(options, new Background.ReadySignal(), cancellation);
    }
}
