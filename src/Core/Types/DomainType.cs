using System.Buffers;

namespace Chitin.Core.Types;

/// <summary>A CHECK of a domain: SQL text over VALUE.</summary>
public sealed record DomainCheck(string Name, string Expression, bool Validated = true, string? Comment = null);

/// <summary>
/// A domain (8.18): a base type with constraints. Values are those of the base type in every form; expressions have the base type, and the constraints are looked at where a value
/// becomes one of the domain.
/// </summary>
public sealed class DomainType(uint oid, uint arrayOid, string name, SqlType baseType, int baseModifier, bool notNull, string? defaultText, ImmutableArray<DomainCheck> checks) : SqlType
{
    public override uint Oid => oid;

    public override string Name => name;

    public override TypeCategory Category => baseType.Category;

    public override short Length => baseType.Length;

    public override uint ArrayOid => arrayOid;

    /// <summary>May be a domain itself.</summary>
    public SqlType BaseType => baseType;

    public int BaseModifier => baseModifier;

    public bool NotNull => notNull;

    /// <summary>SQL text; null when there is none.</summary>
    public string? Default => defaultText;

    public ImmutableArray<DomainCheck> Checks => checks;

    public override bool IsOrdered => baseType.IsOrdered;

    public override bool KeyIsLossless => baseType.KeyIsLossless;

    /// <summary>The type below all domains; the type itself when it is none.</summary>
    public static SqlType Base(SqlType type)
    {
        while (type is DomainType domain)
            type = domain.BaseType;
        return type;
    }

    /// <summary>The base type and the modifier that holds for its values.</summary>
    public static (SqlType Type, int Modifier) Base(SqlType type, int modifier)
    {
        while (type is DomainType domain)
            (type, modifier) = (domain.BaseType, domain.BaseModifier);
        return (type, modifier);
    }

    public DomainType With(SqlType? newBase = null, string? newName = null, bool? isNotNull = null, ImmutableArray<DomainCheck>? newChecks = null) =>
        new(oid, arrayOid, newName ?? name, newBase ?? baseType, baseModifier, isNotNull ?? notNull, defaultText, newChecks ?? checks);

    public DomainType WithDefault(string? text) => new(oid, arrayOid, name, baseType, baseModifier, notNull, text, checks);

    public override Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings)
    {
        var value = baseType.Parse(text, baseModifier, settings);
        return baseModifier < 0 ? value : baseType.ApplyModifier(value, baseModifier, false);
    }

    public override string Format(Datum value, FormatSettings settings) => baseType.Format(value, settings);

    public override void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) => baseType.WriteText(value, output, settings);

    public override void WriteBinary(Datum value, IBufferWriter<byte> output) => baseType.WriteBinary(value, output);

    public override Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier) => baseType.ReadBinary(data, baseModifier);

    public override int Compare(Datum left, Datum right) => baseType.Compare(left, right);

    public override bool AreEqual(Datum left, Datum right) => baseType.AreEqual(left, right);

    public override int Hash(Datum value) => baseType.Hash(value);

    public override void EncodeKey(Datum value, IBufferWriter<byte> output) => baseType.EncodeKey(value, output);

    public override Datum DecodeKey(ref ReadOnlySpan<byte> input) => baseType.DecodeKey(ref input);

    public override void EncodeValue(Datum value, IBufferWriter<byte> output) => baseType.EncodeValue(value, output);

    public override Datum DecodeValue(ReadOnlySpan<byte> data) => baseType.DecodeValue(data);
}
