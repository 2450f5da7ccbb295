using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Chitin.Cli.Client;
using Chitin.Cli.Hosting;
using Chitin.Cli.Output;
using Chitin.Cryptography;
using Chitin.Cryptography.Certificates;
using Chitin.Cryptography.Scram;
using Chitin.Server;
using Chitin.Server.Configuration;
using Npgsql;

namespace Chitin.Cli.Commands;

/// <summary>chitin demo: a secure node with a sample bank in one command; again on the same directory it starts what is there.</summary>
internal static class DemoCommand
{
    private const int PasswordLength = 20;
    public static Command Create()
    {
        var directory = new Option<string>("--dir") { Description = "Where everything goes.", DefaultValueFactory = _ => DemoDirectory.DefaultPath };
        var listen = new Option<string>("--listen-addr") { Description = "HOST:PORT of the SQL port.", DefaultValueFactory = _ => "localhost:26257" };
        var http = new Option<string>("--http-addr") { Description = "HOST:PORT of the HTTPS port.", DefaultValueFactory = _ => "localhost:8080" };
        var background = new Option<bool>("--background") { Description = "Leave the node running; chitin stop ends it." };
        var command = new Command("demo",
            "Start a secure node with a sample bank: certificates, a store key, an encrypted store, users, roles, a view and an audited table in ./chitin-data.\n\n" +
            "On a terminal a SQL shell opens, and the node ends with it; with --background the node stays.") { directory, listen, http, background };
        command.SetAction(async (result, cancellation) =>
        {
            var demo = new Demo(result.GetRequiredValue(directory), result.GetRequiredValue(listen), result.GetRequiredValue(http));
            return await demo.RunAsync(result.GetValue(background), cancellation);
        });
        return command;
    }

    private sealed class Demo(string path, string listen, string http)
    {
        private readonly string _certs = DemoDirectory.CertsOf(path);
        private ServerEndpoints _endpoints = new(0, 0);

        public async Task<int> RunAsync(bool background, CancellationToken cancellation)
        {
            if (NodeProcess.Find(DemoDirectory.PidFileOf(path)) is { } running)
                throw new CommandException($"a node with {path} is running already (process {running})", "chitin sql connects to it; chitin stop ends it");
            var isNew = !File.Exists(DemoDirectory.MarkerOf(path));
            if (isNew)
                MakeFiles();
            (var process, _endpoints) = await Background.StartAsync(
            [
                $"--certs-dir={_certs}", $"--store={DemoDirectory.StoreOf(path)}", $"--encryption=path={DemoDirectory.StoreOf(path)},key={DemoDirectory.StoreKeyOf(path)}",
                $"--listen-addr={listen}", $"--http-addr={http}", $"--log-dir={DemoDirectory.LogsOf(path)}", $"--sql-audit-dir={DemoDirectory.LogsOf(path)}", $"--pid-file={DemoDirectory.PidFileOf(path)}",
            ]);
            try
            {
                if (isNew)
                    await FillAsync(cancellation);
                Describe(process, background);
                if (background)
                    return 0;
                if (Terminal.IsInteractive)
                    await ShellAsync(cancellation);
                else
                    await WaitForSignalAsync(cancellation);
            }
            catch when (background)
            {
                await NodeProcess.StopAsync(process, TimeSpan.FromSeconds(30));
                throw;
            }
            finally
            {
                if (!background)
                    await NodeProcess.StopAsync(process, TimeSpan.FromSeconds(30));
            }

            return 0;
        }

        /// <summary>Certificates, store key and the password of the sample's user, each with its final mode.</summary>
        private void MakeFiles()
        {
            // A start that failed, for a port in use perhaps, left every file and no sample: go on with them. The password is the last file made.
            if (new FileInfo(DemoDirectory.PasswordFileOf(path)) is { Exists: true, Length: PasswordLength } && !File.Exists(DemoDirectory.BeganOf(path)))
                return;
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !Directory.Exists(DemoDirectory.CertsOf(path)))
                throw new CommandException($"{path} exists and is not the demo's", "give another directory with --dir, or remove it");
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
                throw new CommandException($"{path} holds a demo that was not completed", $"remove it and start again: rm -r {path}");
            UnixFiles.MakeDirectory(path);
            UnixFiles.MakeDirectory(Path.GetDirectoryName(DemoDirectory.StoreKeyOf(path))!);
            Terminal.Note("creating certificates, store key and users …");
            var creation = new CertificateCreation { CertsDirectory = _certs, CaKey = DemoDirectory.CaKeyOf(path) };
            var factory = new CertificateFactory(TimeProvider.System);
            factory.CreateCa(creation);
            factory.CreateNode(creation, [.. new[] { "localhost", "127.0.0.1", "::1", Environment.MachineName }.Distinct()]);
            factory.CreateClient(creation, "root");
            factory.CreateClient(creation, "teller");
            StoreKeyFile.Create(DemoDirectory.StoreKeyOf(path));
            using var file = new FileStream(DemoDirectory.PasswordFileOf(path), UnixFiles.SecretFile(FileMode.CreateNew));
            file.Write(Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", PasswordLength)));
        }

        private ClientTarget Target(string user, string database) =>
            new() { Host = "localhost", Port = _endpoints.SqlPort, User = user, Database = database, CertsDirectory = _certs };

        private async Task FillAsync(CancellationToken cancellation)
        {
            var verifier = ScramVerifier.Create(await File.ReadAllTextAsync(DemoDirectory.PasswordFileOf(path), cancellation)).Format();
            await File.WriteAllTextAsync(DemoDirectory.BeganOf(path), "", cancellation);
            await using (var connection = await Target("root", "defaultdb").OpenAsync(cancellation))
                await ExecuteAsync(connection, DemoSample.Users(verifier), cancellation);
            await using (var connection = await Target("root", "bank").OpenAsync(cancellation))
                await ExecuteAsync(connection, DemoSample.Bank, cancellation);
            await File.WriteAllTextAsync(DemoDirectory.MarkerOf(path), "", cancellation);
        }

        private static async Task ExecuteAsync(NpgsqlConnection connection, string script, CancellationToken cancellation)
        {
            foreach (var statement in new StatementSplitter().Add(script))
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync(cancellation);
            }
        }

        private void Describe(int process, bool background)
        {
            var absolute = Path.GetFullPath(path);
            var authority = Path.Combine(Path.GetFullPath(_certs), "ca.crt");
            var basis = $"host=localhost port={_endpoints.SqlPort} dbname=bank sslmode=verify-full sslrootcert={authority}";
            Terminal.Line();
            Terminal.Line($"Chitin {ServerHost.Version} runs (process {process}): SQL on port {_endpoints.SqlPort}, HTTPS on https://localhost:{_endpoints.HttpPort}/health");
            Terminal.Line();
            Terminal.Line("As the administrator, by certificate:");
            Terminal.Line($"  psql \"{basis} user=root sslcert={Path.GetFullPath(_certs)}/client.root.crt sslkey={Path.GetFullPath(_certs)}/client.root.key\"");
            Terminal.Line("As the user teller, by password:");
            Terminal.Line($"  PGPASSWORD=$(cat {Path.Combine(absolute, "keys", "teller.password")}) psql \"{basis} user=teller sslcert=none\"");
            Terminal.Line();
            Terminal.Line("Try:        SELECT * FROM account_overview;");
            Terminal.Line($"Audit log:  {Path.Combine(absolute, "logs", "chitin-sql-audit.log")} (every access to the table customers)");
            Terminal.Line($"Store:      {Path.Combine(absolute, "store")}, encrypted with {Path.Combine(absolute, "keys", "store.key")}");
            if (background)
                Terminal.Line($"Stop it:    chitin stop{(path == DemoDirectory.DefaultPath ? "" : $" --pid-file={DemoDirectory.PidFileOf(path)}")}");
            Terminal.Line();
        }

        private async Task ShellAsync(CancellationToken cancellation)
        {
            var target = Target("root", "bank");
            await using var connection = await target.OpenAsync(cancellation);
            await new SqlShell(connection, target, ResultFormat.Table).RunInteractiveAsync(cancellation);
        }

        private static async Task WaitForSignalAsync(CancellationToken cancellation)
        {
            var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.TrySetResult();
            }

            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            await using var cancelled = cancellation.UnsafeRegister(_ => stop.TrySetResult(), null);
            await stop.Task;
        }
    }
}
