using System.Buffers;

namespace Chitin.Core.Types;

/// <summary>PostgreSQL's type categories (pg_type.typcategory), which guide operator and function resolution.</summary>
public enum TypeCategory : byte
{
    Array = (byte)'A', Boolean = (byte)'B', Composite = (byte)'C', DateTime = (byte)'D', Enum = (byte)'E', Numeric = (byte)'N',
    Pseudo = (byte)'P', String = (byte)'S', Timespan = (byte)'T', UserDefined = (byte)'U', BitString = (byte)'V', Unknown = (byte)'X',
    Internal = (byte)'Z',
}

/// <summary>
/// A SQL type and everything that turns its values into something else: text, the binary wire format, an order, a hash, a storage form.
/// Instances are immutable and shared; equality is identity of <see cref="Oid"/>. Type modifiers (varchar(10), numeric(8,2)) are not part of
/// the type: they travel beside it as PostgreSQL's typmod (-1 = none).
/// </summary>
/// <remarks>No method is ever given a NULL datum. All are safe for concurrent use.</remarks>
public abstract class SqlType
{
    public abstract uint Oid { get; }

    /// <summary>PostgreSQL's internal name: int4, text, timestamptz, _int4.</summary>
    public abstract string Name { get; }

    /// <summary>The SQL-standard name that format_type() prints without a modifier: integer, text, timestamp with time zone, integer[].</summary>
    public virtual string DisplayName => Name;

    public abstract TypeCategory Category { get; }

    public virtual bool IsPreferred => false;

    /// <summary>pg_type.typlen: the fixed size in bytes, -1 for variable length, -2 for a C string.</summary>
    public abstract short Length { get; }

    /// <summary>For an array type its element type; else null.</summary>
    public virtual SqlType? ElementType => null;

    /// <summary>The OID of this type's array type; 0 when it has none.</summary>
    public virtual uint ArrayOid => 0;

    public bool IsArray => ElementType is not null;

    /// <summary>Values are rows: <see cref="SqlRecord"/>.</summary>
    public virtual bool IsRow => false;

    /// <summary>Parses the text form. Errors: 22P02 invalid input syntax, 22003 out of range, 22007/22008 dates and times.</summary>
    public abstract Datum Parse(ReadOnlySpan<char> text, int typeModifier, FormatSettings settings);

    /// <summary>The text form, as PostgreSQL's output function prints it.</summary>
    public abstract string Format(Datum value, FormatSettings settings);

    /// <summary>Appends the UTF-8 text form to a wire buffer; override where a string can be spared.</summary>
    public virtual void WriteText(Datum value, IBufferWriter<byte> output, FormatSettings settings) =>
        System.Text.EncodingExtensions.GetBytes(System.Text.Encoding.UTF8, Format(value, settings), output);

    /// <summary>Appends the binary form of the PostgreSQL protocol (the type's send function).</summary>
    public abstract void WriteBinary(Datum value, IBufferWriter<byte> output);

    /// <summary>Reads the binary form, all of <paramref name="data"/>. Errors: 22P03 for malformed bytes.</summary>
    public abstract Datum ReadBinary(ReadOnlySpan<byte> data, int typeModifier);

    /// <summary>Orders two values as PostgreSQL's btree operator class does (text: by code point, collation "C").</summary>
    public abstract int Compare(Datum left, Datum right);

    /// <summary>Whether <see cref="Compare"/> is defined (json has no order).</summary>
    public virtual bool IsOrdered => true;

    public virtual bool AreEqual(Datum left, Datum right) => Compare(left, right) == 0;

    /// <summary>Equal values hash alike (numeric 1.0 and 1.00, float 0 and -0).</summary>
    public abstract int Hash(Datum value);

    /// <summary>Appends an encoding whose byte order is the value order and which is no prefix of another; index keys are made of these.</summary>
    public abstract void EncodeKey(Datum value, IBufferWriter<byte> output);

    /// <summary>Reads what <see cref="EncodeKey"/> wrote and advances past it. Encodings that lose the display form (numeric scale) throw NotSupportedException; see <see cref="KeyIsLossless"/>.</summary>
    public abstract Datum DecodeKey(ref ReadOnlySpan<byte> input);

    /// <summary>Whether <see cref="DecodeKey"/> gives back exactly the value (so that an index-only scan may use the key).</summary>
    public virtual bool KeyIsLossless => true;

    /// <summary>Appends the compact storage form of a row's value; its length is known to the row encoding.</summary>
    public abstract void EncodeValue(Datum value, IBufferWriter<byte> output);

    /// <summary>Reads what <see cref="EncodeValue"/> wrote, all of <paramref name="data"/>.</summary>
    public abstract Datum DecodeValue(ReadOnlySpan<byte> data);

    /// <summary>Applies a modifier as a cast does: length, scale, fractional seconds. Assignment errors with 22001 where an explicit cast truncates.</summary>
    public virtual Datum ApplyModifier(Datum value, int typeModifier, bool isExplicit) => value;

    /// <summary>The display name with a modifier: character varying(10), numeric(8,2), timestamp(3) without time zone.</summary>
    public virtual string FormatName(int typeModifier) => DisplayName;

    public override string ToString() => DisplayName;

    public override bool Equals(object? obj) => obj is SqlType other && other.Oid == Oid;

    public override int GetHashCode() => (int)Oid;
}

/// <summary>The session's settings that text forms depend on (DateStyle, IntervalStyle, TimeZone, extra_float_digits, bytea_output).</summary>
public sealed record FormatSettings
{
    public static FormatSettings Default { get; } = new();

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>As the client asked for it: 'UTC', 'Europe/Berlin', '&lt;+02&gt;-02'.</summary>
    public string TimeZoneName { get; init; } = "UTC";

    public DateStyle DateStyle { get; init; } = DateStyle.Iso;

    public DateOrder DateOrder { get; init; } = DateOrder.Mdy;

    public IntervalStyle IntervalStyle { get; init; } = IntervalStyle.Postgres;

    public int ExtraFloatDigits { get; init; } = 1;

    public bool ByteaEscape { get; init; }

    /// <summary>Names behind reg* values; null prints numbers.</summary>
    public IOidNames? OidNames { get; init; }

    /// <summary>What 'now', 'today', 'tomorrow' mean in date and time input: the transaction's start, microseconds since 2000-01-01 UTC.</summary>
    public long NowMicroseconds
    {
        get
        {
            if (ClockUse is not null)
                ClockUse.WasRead = true;
            return field;
        }
        init;
    }

    /// <summary>Told when a text was read whose value depends on <see cref="NowMicroseconds"/>; null when nobody asks.</summary>
    public ClockUse? ClockUse { get; init; }
}

/// <summary>Whether a value was taken from the clock, so that it holds for one reading only.</summary>
public sealed class ClockUse
{
    public bool WasRead { get; set; }
}

public enum DateStyle : byte { Iso, Sql, Postgres, German }

public enum DateOrder : byte { Mdy, Dmy, Ymd }

public enum IntervalStyle : byte { Postgres, PostgresVerbose, SqlStandard, Iso8601 }
