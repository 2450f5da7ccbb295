using System.Collections.Frozen;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews.Facts;

/// <summary>What pg_type says of a type beyond what the engine knows of it. The numbers are PostgreSQL 15's.</summary>
internal sealed record TypeFact(bool ByValue, char Alignment, char Storage, char Delimiter, ImmutableArray<uint> Functions, uint Collation)
{
    public uint Input => Functions[0];

    public uint Output => Functions[1];

    public uint Receive => Functions[2];

    public uint Send => Functions[3];

    public uint ModifierInput => Functions[4];

    public uint ModifierOutput => Functions[5];

    public uint Analyze => Functions[6];

    public uint Subscript => Functions[7];
}

internal static partial class TypeFacts
{
    private static readonly FrozenDictionary<uint, TypeFact> s_byOid = Table.Split('\n').Select(Read).ToFrozenDictionary(f => f.Oid, f => f.Fact);

    /// <summary>enum_in, enum_out, enum_recv, enum_send.</summary>
    private static readonly TypeFact s_enum = new(true, 'i', 'p', ',', [3506, 3507, 3532, 3533, 0, 0, 0, 0], 0);

    /// <summary>array_in, array_out, array_recv, array_send, array_typanalyze, array_subscript_handler.</summary>
    private static readonly TypeFact s_array = new(false, 'i', 'x', ',', [750, 751, 2400, 2401, 0, 0, 3816, 6179], 0);

    private static readonly TypeFact s_pseudo = new(true, 'i', 'p', ',', [0, 0, 0, 0, 0, 0, 0, 0], 0);

    public static TypeFact Of(SqlType type) => s_byOid.TryGetValue(type.Oid, out var fact) ? fact : type is ArrayType ? s_array : type is PseudoType ? s_pseudo : s_enum;

    private static (uint Oid, TypeFact Fact) Read(string line)
    {
        var part = line.Split(' ');
        var letters = part[1];
        return (uint.Parse(part[0]), new TypeFact(letters[0] == 't', letters[1], letters[2], letters[3], [.. part[2..10].Select(uint.Parse)], uint.Parse(part[10])));
    }
}
