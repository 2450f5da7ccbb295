using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Chitin.CliTests;

/// <summary>What a run of the program left: its exit code and what it wrote.</summary>
internal sealed record Outcome(int Code, string Output, string Errors)
{
    /// <summary>The output's lines without their ends.</summary>
    public string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>Fails with everything that was written.</summary>
    public Outcome Expect(int code)
    {
        Assert.True(Code == code, $"exit code {Code}, not {code}\n--- stdout\n{Output}\n--- stderr\n{Errors}");
        return this;
    }

    public Outcome Says(string part)
    {
        Assert.True(Errors.Contains(part, StringComparison.Ordinal), $"stderr does not say «{part}»\n--- stdout\n{Output}\n--- stderr\n{Errors}");
        return this;
    }
}

/// <summary>The built program, run as users run it: another process, with no setting of the machine but what the test gives.</summary>
internal static partial class ChitinProgram
{
    public const int SigHup = 1;
    public const int SigTerm = 15;
    public const int SigSystemCall = 31;   // ends a process with a dump, and the runtime has no handler of its own for it

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    /// <summary>Beside this project's output, where the build of src/Cli has its own.</summary>
    private static readonly string s_program = FindProgram();

    public static Process Start(TestDirectory directory, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(s_program, arguments)
        {
            WorkingDirectory = directory.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("CHITIN_", StringComparison.Ordinal) || k.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["HOME"] = directory.Path;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{s_program} did not start");
    }

    public static Task<Outcome> RunAsync(TestDirectory directory, params string[] arguments) => RunAsync(directory, arguments, null);

    public static async Task<Outcome> RunAsync(TestDirectory directory, IEnumerable<string> arguments, string? input, params (string Name, string Value)[] environment)
    {
        using var process = Start(directory, arguments, environment);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await EndAsync(process);
    }

    /// <summary>Waits for its end, within a limit.</summary>
    public static async Task<Outcome> EndAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static void Signal(int process, int signal) => Assert.Equal(0, Kill(process, signal));

    private static string FindProgram()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (output.Name, output.Parent!.Name);
        var root = output.Parent.Parent!.Parent!.Parent!.Parent!;
        return Path.Combine(root.FullName, "src", "Cli", "bin", configuration, framework, "chitin");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
