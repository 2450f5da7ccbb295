using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.SystemViews;

/// <summary>One value of a row under construction: what C# has, turned into a datum. The declared column type decides how it is read, so the two must agree.</summary>
internal readonly struct Cell(Datum value)
{
    public static Cell Null => default;

    public Datum Value => value;

    public static implicit operator Cell(Datum value) => new(value);

    public static implicit operator Cell(uint value) => new(Datum.FromInt64(value));

    public static implicit operator Cell(int value) => new(Datum.FromInt64(value));

    public static implicit operator Cell(long value) => new(Datum.FromInt64(value));

    public static implicit operator Cell(double value) => new(Datum.FromDouble(value));

    public static implicit operator Cell(bool value) => new(Datum.FromBool(value));

    public static implicit operator Cell(char value) => new(Datum.FromInt64(value));

    public static implicit operator Cell(string? value) => new(value is null ? Datum.Null : Datum.FromString(value));

    public static implicit operator Cell(DateTimeOffset? value) => new(value is null ? Datum.Null : Datum.FromInt64(SqlDateTime.FromDateTimeOffset(value.Value)));
}

/// <summary>Makes rows and the arrays in them.</summary>
internal static class Cells
{
    public static Datum[] Row(params ReadOnlySpan<Cell> cells)
    {
        var row = new Datum[cells.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = cells[i].Value;
        return row;
    }

    public static Datum Texts(SqlType elementType, IEnumerable<string> values) => Datum.FromObject(SqlArray.Of(elementType, [.. values.Select(Datum.FromString)]));

    public static Datum Numbers(SqlType elementType, IEnumerable<long> values) => Datum.FromObject(SqlArray.Of(elementType, [.. values.Select(Datum.FromInt64)]));

    /// <summary>int2vector, oidvector: from zero, as the types are.</summary>
    public static Datum Vector(SqlType elementType, IEnumerable<long> values) => VectorType.Make(elementType, values);

    /// <summary>information_schema's yes_or_no.</summary>
    public static string YesOrNo(bool value) => value ? "YES" : "NO";
}
