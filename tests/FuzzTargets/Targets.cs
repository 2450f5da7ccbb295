namespace Chitin.FuzzTargets;

/// <summary>Feeds untrusted bytes to a part of the product. Anything that it throws is a fault that was found.</summary>
public delegate void Target(ReadOnlySpan<byte> data);

public static class Targets
{
    public static IReadOnlyDictionary<string, Target> All { get; } = new Dictionary<string, Target>
    {
        ["sql-parser"] = SqlParserTarget.Run,
        ["copy-reader"] = CopyReaderTarget.Run,
        ["statement-scan"] = StatementScanTarget.Run,
    };
}
