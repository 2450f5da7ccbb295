namespace Chitin.Sql.Functions;

/// <summary>
/// The numbers that PostgreSQL 15 gives its functions and operators (pg_proc.dat, pg_operator.dat), by signature. Clients hold some of them as constants, and
/// regproc values print and compare by them.
/// </summary>
static partial class WellKnownOids
{
    internal readonly record struct OperatorFacts(uint Oid, string Function, string? Commutator, string? Negator);

    static readonly Dictionary<string, ReadOnlyMemory<char>> s_functions = Index(FunctionTable);
    static readonly Dictionary<string, ReadOnlyMemory<char>> s_operators = Index(OperatorTable);

    /// <summary>0 when PostgreSQL has no such function.</summary>
    internal static uint Function(string name, ReadOnlySpan<uint> arguments)
    {
        if (!s_functions.TryGetValue(name, out var line))
            return 0;
        Span<char> key = stackalloc char[16 * Math.Max(arguments.Length, 1)];
        key = key[..WriteKey(arguments, key)];
        foreach (var range in line.Span.Split(' '))
        {
            var entry = line.Span[range];
            var colon = entry.IndexOf(':');
            if (colon >= 0 && entry[(colon + 1)..].SequenceEqual(key))
                return uint.Parse(entry[..colon]);
        }

        return 0;
    }

    internal static OperatorFacts? Operator(string symbol, uint left, uint right)
    {
        if (!s_operators.TryGetValue(symbol, out var line))
            return null;
        Span<char> key = stackalloc char[32];
        key = key[..WriteKey([left, right], key)];
        foreach (var range in line.Span.Split(' '))
        {
            var entry = line.Span[range];
            Span<Range> parts = stackalloc Range[5];
            if (entry.Split(parts, ':') != 5 || !entry[parts[1]].SequenceEqual(key))
                continue;
            var commutator = entry[parts[3]];
            var negator = entry[parts[4]];
            return new OperatorFacts(uint.Parse(entry[parts[0]]), entry[parts[2]].ToString(),
                commutator.IsEmpty ? null : commutator.ToString(), negator.IsEmpty ? null : negator.ToString());
        }

        return null;
    }

    static int WriteKey(ReadOnlySpan<uint> arguments, Span<char> key)
    {
        var length = 0;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i > 0)
                key[length++] = ',';
            arguments[i].TryFormat(key[length..], out var written);
            length += written;
        }

        return length;
    }

    static Dictionary<string, ReadOnlyMemory<char>> Index(string table)
    {
        var index = new Dictionary<string, ReadOnlyMemory<char>>(1600, StringComparer.Ordinal);
        var rest = table.AsMemory();
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var space = line.Span.IndexOf(' ');
            if (space > 0)
                index[line.Span[..space].ToString()] = line[(space + 1)..];
        }

        return index;
    }
}
