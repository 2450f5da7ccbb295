using System.Collections.Frozen;

namespace Chitin.Sql.SystemViews.Facts;

/// <summary>A function that pg_type, pg_am or an operator class names and that SQL cannot call here: type input and output, index support.</summary>
internal sealed record SupportFunction(uint Oid, string Name, uint ReturnType, char Volatility, bool IsStrict, ImmutableArray<uint> ArgumentTypes);

internal static partial class SupportFunctions
{
    public static FrozenDictionary<uint, SupportFunction> All { get; } = Table.Split('\n').Select(Read).ToFrozenDictionary(f => f.Oid);

    private static SupportFunction Read(string line)
    {
        var part = line.Split(' ');
        return new SupportFunction(uint.Parse(part[0]), part[1], uint.Parse(part[2]), part[3][0], part[3][1] == 's', part[4] == "-" ? [] : [.. part[4].Split(',').Select(uint.Parse)]);
    }
}
