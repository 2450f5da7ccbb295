using Chitin.FuzzTargets;
using SharpFuzz;

// FuzzTargets <target>: runs under libfuzzer-dotnet with assemblies instrumented by the sharpfuzz tool.
if (args is not [var name] || !Targets.All.TryGetValue(name, out var target))
{
    Console.Error.WriteLine($"usage: FuzzTargets {string.Join('|', Targets.All.Keys.Order(StringComparer.Ordinal))}");
    return 2;
}

Fuzzer.LibFuzzer.Run(data => target(data));
return 0;
