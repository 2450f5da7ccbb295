using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>A parsed declaration; the grammar stands on <see cref="RegistryBuilder"/>.</summary>
sealed class Signature
{
    static readonly Dictionary<string, SqlType> s_types = SignatureTypes.ByName();

    internal string[] Names { get; private set; } = [];

    internal string Schema { get; private set; } = "pg_catalog";

    internal ImmutableArray<SqlType> ArgumentTypes { get; private set; } = [];

    internal ImmutableArray<string> ArgumentNames { get; private set; } = [];

    internal ImmutableArray<Datum> Defaults { get; private set; } = [];

    internal bool IsVariadic { get; private set; }

    internal SqlType ReturnType { get; private set; } = null!;

    internal ImmutableArray<(string Name, SqlType Type)> Columns { get; private set; } = [];

    internal bool IsStrict { get; private set; } = true;

    internal Volatility Volatility { get; private set; } = Volatility.Immutable;

    internal static Signature Parse(string text)
    {
        var signature = new Signature();
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.IndexOf(')', open);
        var name = text[..open];
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
        {
            signature.Schema = name[..dot];
            name = name[(dot + 1)..];
        }

        signature.Names = name.Split('|');
        signature.ParseArguments(text.AsSpan(open + 1, close - open - 1));
        signature.ParseResult(text.AsSpan(close + 1).Trim());
        return signature;
    }

    void ParseArguments(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return;
        var types = ImmutableArray.CreateBuilder<SqlType>(4);
        ImmutableArray<string>.Builder? names = null;
        ImmutableArray<Datum>.Builder? defaults = null;
        foreach (var range in text.Split(','))
        {
            var argument = text[range].Trim();
            ReadOnlySpan<char> initial = default;
            var equals = argument.IndexOf('=');
            if (equals >= 0)
            {
                initial = argument[(equals + 1)..].Trim();
                argument = argument[..equals].Trim();
            }

            if (argument.StartsWith("variadic "))
            {
                IsVariadic = true;
                argument = argument[9..];
            }

            var space = argument.IndexOf(' ');
            if (space > 0)
                (names ??= ImmutableArray.CreateBuilder<string>(4)).Add(argument[..space].ToString());
            types.Add(TypeOf(argument[(space + 1)..]));
            if (equals >= 0)
                (defaults ??= ImmutableArray.CreateBuilder<Datum>(2)).Add(initial is "null" ? Datum.Null : types[^1].Parse(initial, -1, FormatSettings.Default));
        }

        ArgumentTypes = types.ToImmutable();
        ArgumentNames = names?.ToImmutable() ?? [];
        Defaults = defaults?.ToImmutable() ?? [];
    }

    void ParseResult(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("setof "))
            text = text[6..];
        if (text[0] == '(')
        {
            var close = text.IndexOf(')');
            var columns = ImmutableArray.CreateBuilder<(string, SqlType)>(4);
            var list = text[1..close];
            foreach (var range in list.Split(','))
            {
                var column = list[range].Trim();
                var space = column.IndexOf(' ');
                columns.Add((column[..space].ToString(), TypeOf(column[(space + 1)..])));
            }

            Columns = columns.ToImmutable();
            ReturnType = Columns.Length == 1 ? Columns[0].Type : SqlTypes.Record;
            text = text[(close + 1)..].Trim();
        }
        else
        {
            var space = text.IndexOf(' ');
            ReturnType = TypeOf(space < 0 ? text : text[..space]);
            text = space < 0 ? default : text[space..];
        }

        if (text.IndexOf("stable") >= 0)
            Volatility = Volatility.Stable;
        if (text.IndexOf("volatile") >= 0)
            Volatility = Volatility.Volatile;
        if (text.IndexOf("called") >= 0)
            IsStrict = false;
    }

    internal static SqlType TypeOf(ReadOnlySpan<char> name)
    {
        if (s_types.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var type))
            return type;
        throw new InvariantException($"the library declares functions over types that exist, not {name}");
    }
}
