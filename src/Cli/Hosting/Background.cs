using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Chitin.Cli.Output;
using Chitin.Server;

namespace Chitin.Cli.Hosting;

/// <summary>
/// Starts this program again, detached from the terminal. The child says «ready SQL-PORT HTTP-PORT» on its stdout once it serves; what it writes to stderr before
/// is why it does not. Then both let go of each other.
/// </summary>
internal static partial class Background
{
    /// <summary>Tells the child that it is one.</summary>
    private const string Variable = "CHITIN_DETACHED";

    private const string ReadyWord = "ready ";

    public static bool IsChild => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Runs start-single-node with these arguments. Returns once it serves; throws when it does not.</summary>
    public static async Task<(int ProcessId, ServerEndpoints Endpoints)> StartAsync(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new CommandException("cannot find this program's own file");
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // Under the dotnet host the program's file is its first argument.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(Background).Assembly.Location);
        start.ArgumentList.Add("start-single-node");
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[Variable] = "1";
        using var child = Process.Start(start) ?? throw new CommandException("the node's process could not be started");
        child.StandardInput.Close();
        var errors = RelayAsync(child.StandardError);
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(ReadyWord, StringComparison.Ordinal))
                continue;
            var ports = line[ReadyWord.Length..].Split(' ');
            return (child.Id, new ServerEndpoints(int.Parse(ports[0], CultureInfo.InvariantCulture), int.Parse(ports[1], CultureInfo.InvariantCulture)));
        }

        await child.WaitForExitAsync();
        await errors;
        throw new CommandException("the node did not start", "the lines above say why");
    }

    /// <summary>The child's first step: a session of its own, so that the terminal's end is not its end.</summary>
    public static void Detach()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetSession();
    }

    /// <summary>The child's word that it serves; from then on nothing leads to the parent's terminal.</summary>
    public sealed class ReadySignal : IReadinessSink
    {
        public void Ready(ServerEndpoints endpoints)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ReadyWord}{endpoints.SqlPort} {endpoints.HttpPort}"));
            Console.Out.Flush();
            if (OperatingSystem.IsWindows())
                return;
            const int readWrite = 2;
            var nowhere = Open("/dev/null", readWrite);
            for (var descriptor = 0; nowhere >= 0 && descriptor <= 2; descriptor++)
                _ = Duplicate(nowhere, descriptor);
        }
    }

    private static async Task RelayAsync(StreamReader errors)
    {
        while (await errors.ReadLineAsync() is { } line)
            Terminal.Note(line);
    }

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(int from, int to);
}
