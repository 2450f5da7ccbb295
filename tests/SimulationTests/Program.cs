using Chitin.SimulationTests.Storage;

namespace Chitin.SimulationTests;

/// <summary>Runs the tests, or, as a child of a test, the part that is to be killed.</summary>
internal static class Program
{
    /// <summary>Names what a child is to do; its arguments follow on the command line.</summary>
    public const string ChildVariable = "CHITIN_SIMULATION_CHILD";

    public static int Main(string[] args) => Environment.GetEnvironmentVariable(ChildVariable) switch
    {
        null => Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args).GetAwaiter().GetResult(),
        StoreWriter.Name => StoreWriter.Run(args),
        var other => throw new InvalidOperationException($"no child is called {other}"),
    };
}
