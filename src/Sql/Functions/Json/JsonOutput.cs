using System.Globalization;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Json;

/// <summary>SQL values as JSON (manual 9.16.2, to_json): numbers, booleans and JSON stay, arrays and rows become containers, all else is quoted text; dates are ISO 8601.</summary>
static class JsonOutput
{
    internal static string ToJson(SqlType type, Datum value, FormatSettings format)
    {
        var output = new StringBuilder();
        Append(output, type, value, format);
        return output.ToString();
    }

    internal static void Append(StringBuilder output, SqlType type, Datum value, FormatSettings format, bool pretty = false)
    {
        TextLimits(output);
        if (value.IsNull)
        {
            output.Append("null");
            return;
        }

        switch (type.Oid)
        {
            case PgOid.Bool:
                output.Append(value.AsBool() ? "true" : "false");
                return;
            case PgOid.Json:
                output.Append(value.AsString());
                return;
            case PgOid.Jsonb:
                output.Append(value.As<JsonbValue>().ToString());
                return;
            case PgOid.Int2 or PgOid.Int4 or PgOid.Int8:
                output.Append(value.AsInt64());
                return;
            case PgOid.Float4 or PgOid.Float8:
                AppendNumber(output, type.Format(value, format), double.IsFinite(value.AsDouble()));
                return;
            case PgOid.Numeric:
                AppendNumber(output, type.Format(value, format), value.As<SqlNumeric>().IsFinite);
                return;
            case PgOid.Record:
                AppendRecord(output, value.As<SqlRecord>(), format, pretty);
                return;
        }

        if (type is CompositeType)
        {
            AppendRecord(output, value.As<SqlRecord>(), format, pretty);
        }
        else if (type.IsArray && value.As<SqlArray>() is var array)
        {
            var next = 0;
            AppendArray(output, array, 0, ref next, format, pretty);
        }
        else
        {
            JsonbValue.WriteString(output, TextOf(type, value, format));
        }
    }

    /// <summary>The text of a value inside a JSON string.</summary>
    internal static string TextOf(SqlType type, Datum value, FormatSettings format) => type.Oid switch
    {
        PgOid.Date or PgOid.Timestamp or PgOid.TimestampTz => IsoTime(type, value, format),
        _ => type.Format(value, format),
    };

    internal static JsonbValue ToJsonb(SqlType type, Datum value, FormatSettings format)
    {
        if (value.IsNull)
            return JsonbValue.Null;
        switch (type.Oid)
        {
            case PgOid.Bool:
                return JsonbValue.FromBoolean(value.AsBool());
            case PgOid.Json:
                return JsonbValue.Parse(value.AsString());
            case PgOid.Jsonb:
                return value.As<JsonbValue>();
            case PgOid.Int2 or PgOid.Int4 or PgOid.Int8:
                return JsonbValue.FromNumber(SqlNumeric.FromInt64(value.AsInt64()));
            case PgOid.Float4 or PgOid.Float8 when double.IsFinite(value.AsDouble()):
                return JsonbValue.FromNumber(SqlNumeric.Parse(type.Format(value, format)));
            case PgOid.Numeric when value.As<SqlNumeric>().IsFinite:
                return JsonbValue.FromNumber(value.As<SqlNumeric>());
            case PgOid.Record:
                var record = value.As<SqlRecord>();
                return JsonbValue.FromObject(Enumerable.Range(0, record.Fields.Length)
                    .Select(i => KeyValuePair.Create(record.Name(i), ToJsonb(record.Types[i], record.Fields[i], format))));
        }

        if (type is CompositeType)
            return ToJsonb(SqlTypes.Record, value, format);
        if (!type.IsArray)
            return JsonbValue.FromString(TextOf(type, value, format));
        var next = 0;
        return ToJsonb(value.As<SqlArray>(), 0, ref next, format);
    }

    static JsonbValue ToJsonb(SqlArray array, int dimension, ref int next, FormatSettings format)
    {
        if (array.Dimensions == 0)
            return JsonbValue.FromArray([]);
        var items = new JsonbValue[array.Lengths[dimension]];
        for (var i = 0; i < items.Length; i++)
            items[i] = dimension < array.Dimensions - 1 ? ToJsonb(array, dimension + 1, ref next, format) : ToJsonb(array.ElementType, array.Elements[next++], format);
        return JsonbValue.FromArray(items);
    }

    /// <summary>An object key: the value's text. 22023 for NULL and for containers.</summary>
    internal static string Key(SqlType type, Datum value, FormatSettings format)
    {
        if (type.IsArray || type.IsRow || type.Oid is PgOid.Json or PgOid.Jsonb)
            throw FunctionErrors.Invalid("key value must be scalar, not array, composite, or json");
        return type.Oid == PgOid.Bool ? value.AsBool() ? "true" : "false" : TextOf(type, value, format);
    }

    static void AppendNumber(StringBuilder output, string text, bool isFinite)
    {
        if (isFinite)
            output.Append(text);
        else
            JsonbValue.WriteString(output, text);
    }

    internal static void AppendArray(StringBuilder output, SqlArray array, int dimension, ref int next, FormatSettings format, bool pretty)
    {
        output.Append('[');
        for (var i = 0; array.Dimensions > 0 && i < array.Lengths[dimension]; i++)
        {
            if (i > 0)
                output.Append(pretty ? ",\n " : ",");
            if (dimension < array.Dimensions - 1)
                AppendArray(output, array, dimension + 1, ref next, format, pretty: false);
            else
                Append(output, array.ElementType, array.Elements[next++], format);
        }

        output.Append(']');
    }

    internal static void AppendRecord(StringBuilder output, SqlRecord record, FormatSettings format, bool pretty)
    {
        output.Append('{');
        for (var i = 0; i < record.Fields.Length; i++)
        {
            if (i > 0)
                output.Append(pretty ? ",\n " : ",");
            JsonbValue.WriteString(output, record.Name(i));
            output.Append(':');
            Append(output, record.Types[i], record.Fields[i], format);
        }

        output.Append('}');
    }

    static void TextLimits(StringBuilder output) => Library.TextLimits.Check(output.Length);

    static string IsoTime(SqlType type, Datum value, FormatSettings format)
    {
        if (type.Oid == PgOid.Date)
        {
            var date = value.AsInt32();
            return date is SqlDateTime.InfinityDate or SqlDateTime.NegativeInfinityDate ? (date > 0 ? "infinity" : "-infinity") : IsoDate(date) + Era(date);
        }

        var timestamp = value.AsInt64();
        if (SqlDateTime.IsInfinite(timestamp))
            return timestamp > 0 ? "infinity" : "-infinity";
        var zone = "";
        if (type.Oid == PgOid.TimestampTz)
        {
            var offset = SqlDateTime.OffsetAt(format.TimeZone, timestamp);
            timestamp += offset * SqlDateTime.MicrosecondsPerSecond;
            zone = SqlDateTime.FormatOffset(offset, colonAlways: true);
        }

        var (days, time) = SqlDateTime.Split(timestamp);
        return $"{IsoDate(days)}T{SqlTypes.Time.Format(Datum.FromInt64(time), format)}{zone}{Era(days)}";
    }

    static string IsoDate(long days)
    {
        var (year, month, day) = SqlDateTime.CivilFromDays(days);
        return string.Create(CultureInfo.InvariantCulture, $"{(year > 0 ? year : 1 - year):0000}-{month:00}-{day:00}");
    }

    static string Era(long days) => SqlDateTime.CivilFromDays(days).Year > 0 ? "" : " BC";
}
