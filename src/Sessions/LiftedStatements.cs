using System.Buffers.Text;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>A lifted statement's plan no longer stands; its constants have to be read anew. Never leaves the session.</summary>
internal sealed class LiftedStatementOutdatedException : Exception;

/// <summary>
/// Texts of one shape: equal but for constants. The plan of a lifted statement serves all of them whose other constants are equal too.
/// Made when a shape comes for the second time, so that what is sent once costs no second plan.
/// </summary>
internal sealed class LiftedStatements
{
    private const int MaxVariants = 4;

    private readonly List<Variant> _variants = [];

    /// <summary>No more is to be learned: nothing to lift, a plan that depends on values, or too many sets of other constants.</summary>
    public bool IsClosed { get; private set; }

    public void Close() => IsClosed = true;

    /// <summary>After a change of definitions or settings.</summary>
    public void Forget() => _variants.Clear();

    /// <summary>The statement for a scanned text with its values; null when none fits or a constant is not what its type takes (a plain parse then says why).</summary>
    public (PreparedStatement Statement, Datum[] Parameters)? Find(ReadOnlySpan<byte> text, IReadOnlyList<ScannedConstant> constants, FormatSettings format)
    {
        foreach (var variant in _variants)
        {
            if (variant.Fits(text, constants))
                return variant.TryRead(text, constants, format) is { } parameters ? (variant.Statement, parameters) : null;
        }

        return null;
    }

    /// <summary>Keeps a planned statement. <paramref name="lifted"/> are its parameters, by number; <paramref name="scan"/> is that of its text.</summary>
    public void Add(PreparedStatement statement, ReadOnlySpan<byte> text, IReadOnlyList<ScannedConstant> scan, ImmutableArray<(int Ordinal, bool IsNegative)> lifted)
    {
        var others = ImmutableArray.CreateBuilder<(int, byte[])>();
        for (var i = 0; i < scan.Count; i++)
        {
            if (!lifted.Any(l => l.Ordinal == i))
                others.Add((i, text.Slice(scan[i].Start, scan[i].Length).ToArray()));
        }

        _variants.Add(new Variant(statement, lifted, others.ToImmutable()));
        IsClosed = _variants.Count >= MaxVariants;
    }

    /// <summary>Which scanned constant each lifted one is; null when the two do not agree, and then nothing is kept.</summary>
    public static ImmutableArray<(int Ordinal, bool IsNegative)>? Match(ReadOnlySpan<byte> text, IReadOnlyList<ScannedConstant> scan, ImmutableArray<LiftedConstant> lifted)
    {
        // Positions count characters.
        var positions = new int[scan.Count];
        for (var (i, bytes, characters) = (0, 0, 0); i < positions.Length; bytes = scan[i].Start, i++)
            positions[i] = characters += Encoding.UTF8.GetCharCount(text[bytes..scan[i].Start]);
        var found = ImmutableArray.CreateBuilder<(int, bool)>(lifted.Length);
        foreach (var constant in lifted)
        {
            // A sign stands in front of its number.
            var ordinal = Array.FindIndex(positions, p => p >= constant.Position);
            if (ordinal < 0 || scan[ordinal].Kind != constant.Kind || Content(text, scan[ordinal], constant.IsNegative) != constant.Text)
                return null;
            found.Add((ordinal, constant.IsNegative));
        }

        return found.MoveToImmutable();
    }

    /// <summary>Types whose text form means the same as a constant and as a parameter's value. Names behind numbers (regclass …) are the binder's.</summary>
    public static bool IsSafe(SqlType type, LiteralKind kind) => kind != LiteralKind.String || type.Oid is PgOid.Bool or PgOid.Int2 or PgOid.Int4 or PgOid.Int8 or PgOid.Float4 or PgOid.Float8
        or PgOid.Numeric or PgOid.Text or PgOid.VarChar or PgOid.BpChar or PgOid.Bytea or PgOid.Date or PgOid.Time or PgOid.TimeTz or PgOid.Timestamp or PgOid.TimestampTz or PgOid.Uuid
        or PgOid.Json or PgOid.Jsonb;

    private static string Content(ReadOnlySpan<byte> text, ScannedConstant constant, bool isNegative)
    {
        var span = text.Slice(constant.Start, constant.Length);
        if (constant.Kind != LiteralKind.String)
            return isNegative ? "-" + Encoding.ASCII.GetString(span) : Encoding.ASCII.GetString(span);
        var content = Encoding.UTF8.GetString(span[1..^1]);
        return content.Contains('\'', StringComparison.Ordinal) ? content.Replace("''", "'", StringComparison.Ordinal) : content;
    }

    private sealed record Variant(PreparedStatement Statement, ImmutableArray<(int Ordinal, bool IsNegative)> Lifted, ImmutableArray<(int Ordinal, byte[] Bytes)> Others)
    {
        public bool Fits(ReadOnlySpan<byte> text, IReadOnlyList<ScannedConstant> constants)
        {
            foreach (var (ordinal, bytes) in Others)
            {
                if (!text.Slice(constants[ordinal].Start, constants[ordinal].Length).SequenceEqual(bytes))
                    return false;
            }

            return true;
        }

        public Datum[]? TryRead(ReadOnlySpan<byte> text, IReadOnlyList<ScannedConstant> constants, FormatSettings format)
        {
            var values = new Datum[Lifted.Length];
            for (var i = 0; i < values.Length; i++)
            {
                var (ordinal, isNegative) = Lifted[i];
                if (!TryRead(text, constants[ordinal], isNegative, Statement.ParameterTypes[i], format, out values[i]))
                    return null;
            }

            return values;
        }

        private static bool TryRead(ReadOnlySpan<byte> text, ScannedConstant constant, bool isNegative, SqlType type, FormatSettings format, out Datum value)
        {
            if (constant.Kind == LiteralKind.Integer)
            {
                _ = Utf8Parser.TryParse(text.Slice(constant.Start, constant.Length), out long number, out _);
                value = Datum.FromInt64(isNegative ? -number : number);
                return true;
            }

            var content = Content(text, constant, isNegative);
            value = default;
            // 'now' and its kind need the clock of the transaction.
            if (type.Category == TypeCategory.DateTime && content.Any(char.IsLetter))
                return false;
            try
            {
                value = type.Oid is PgOid.Text or PgOid.VarChar ? Datum.FromString(content) : type.Parse(content, -1, format);
                return true;
            }
            catch (SqlException)
            {
                return false;
            }
        }
    }
}
