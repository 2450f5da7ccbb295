using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Json;

namespace Chitin.Sql.Functions.Library;

/// <summary>Functions that make json and jsonb from SQL values (manual table 9.47).</summary>
static class JsonBuilders
{
    internal static void Register(RegistryBuilder b)
    {
        b.Typed("to_json(anyelement) json stable", static call => (a, c) => Datum.FromString(JsonOutput.ToJson(call.ArgumentTypes[0], a[0], c.Format)));
        b.Typed("to_jsonb(anyelement) jsonb stable", static call => (a, c) => Datum.FromObject(JsonOutput.ToJsonb(call.ArgumentTypes[0], a[0], c.Format)));
        b.Unary("array_to_json(anyarray) json stable", static (v, c) => ArrayToJson(v, c, pretty: false));
        b.Binary("array_to_json(anyarray, bool) json stable", static (v, pretty, c) => ArrayToJson(v, c, pretty.AsBool()));
        b.Unary("row_to_json(record) json stable", static (v, c) => RowToJson(v, c, pretty: false));
        b.Binary("row_to_json(record, bool) json stable", static (v, pretty, c) => RowToJson(v, c, pretty.AsBool()));
        b.Scalar("json_build_array() json stable called", static (_, _) => Datum.FromString("[]"));
        b.Typed("json_build_array(variadic any) json stable called", static call => (a, c) => Expand(call, a) is var (types, values)
            ? values is null ? Datum.Null : Datum.FromString(BuildArray(types, values, c.Format))
            : default);
        b.Scalar("json_build_object() json stable called", static (_, _) => Datum.FromString("{}"));
        b.Typed("json_build_object(variadic any) json stable called", static call => (a, c) => Expand(call, a) is var (types, values)
            ? values is null ? Datum.Null : Datum.FromString(BuildObject(types, values, c.Format))
            : default);
        b.Scalar("jsonb_build_array() jsonb stable called", static (_, _) => Datum.FromObject(JsonbValue.FromArray([])));
        b.Typed("jsonb_build_array(variadic any) jsonb stable called", static call => (a, c) => Expand(call, a) is var (types, values)
            ? values is null ? Datum.Null : Datum.FromObject(JsonbValue.FromArray([.. values.Select((v, i) => JsonOutput.ToJsonb(types[i], v, c.Format))]))
            : default);
        b.Scalar("jsonb_build_object() jsonb stable called", static (_, _) => Datum.FromObject(JsonbValue.FromObject([])));
        b.Typed("jsonb_build_object(variadic any) jsonb stable called", static call => (a, c) => Expand(call, a) is var (types, values)
            ? values is null ? Datum.Null : Datum.FromObject(BuildJsonb(types, values, c.Format))
            : default);
        b.Unary("json_object(text[]) json", static (v, _) => Datum.FromString(PairsToJson(Pairs(ArrayAccess.A(v)))));
        b.Binary("json_object(text[], text[]) json", static (k, v, _) => Datum.FromString(PairsToJson(Pairs(ArrayAccess.A(k), ArrayAccess.A(v)))));
        b.Unary("jsonb_object(text[]) jsonb", static (v, _) => PairsToJsonb(Pairs(ArrayAccess.A(v))));
        b.Binary("jsonb_object(text[], text[]) jsonb", static (k, v, _) => PairsToJsonb(Pairs(ArrayAccess.A(k), ArrayAccess.A(v))));
    }

    static Datum ArrayToJson(Datum value, EvaluationContext context, bool pretty)
    {
        var output = new StringBuilder();
        var next = 0;
        JsonOutput.AppendArray(output, ArrayAccess.A(value), 0, ref next, context.Format, pretty);
        return Datum.FromString(output.ToString());
    }

    static Datum RowToJson(Datum value, EvaluationContext context, bool pretty)
    {
        var output = new StringBuilder();
        JsonOutput.AppendRecord(output, value.As<SqlRecord>(), context.Format, pretty);
        return Datum.FromString(output.ToString());
    }

    /// <summary>The arguments with their types, also when they came as VARIADIC array; values null for a NULL array.</summary>
    static (IReadOnlyList<SqlType> Types, Datum[]? Values) Expand(ResolvedCall call, ReadOnlySpan<Datum> arguments)
    {
        if (!call.VariadicArray)
            return (call.ArgumentTypes, arguments.ToArray());
        if (arguments[0].IsNull)
            return (call.ArgumentTypes, null);
        var array = ArrayAccess.A(arguments[0]);
        return (Enumerable.Repeat(array.ElementType, array.Elements.Length).ToArray(), array.Elements);
    }

    static string BuildArray(IReadOnlyList<SqlType> types, Datum[] values, FormatSettings format)
    {
        var output = new StringBuilder("[");
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
                output.Append(", ");
            JsonOutput.Append(output, types[i], values[i], format);
        }

        return output.Append(']').ToString();
    }

    static void CheckPairs(Datum[] values)
    {
        if (values.Length % 2 != 0)
            throw FunctionErrors.Invalid("argument list must have even number of elements", "The arguments of json_build_object() must consist of alternating keys and values.");
    }

    static string KeyAt(IReadOnlyList<SqlType> types, Datum[] values, int i, FormatSettings format) =>
        values[i].IsNull ? throw FunctionErrors.Invalid($"argument {i + 1} cannot be null", "Object keys should be text.") : JsonOutput.Key(types[i], values[i], format);

    static string BuildObject(IReadOnlyList<SqlType> types, Datum[] values, FormatSettings format)
    {
        CheckPairs(values);
        var output = new StringBuilder("{");
        for (var i = 0; i < values.Length; i += 2)
        {
            if (i > 0)
                output.Append(", ");
            JsonbValue.WriteString(output, KeyAt(types, values, i, format));
            output.Append(" : ");
            JsonOutput.Append(output, types[i + 1], values[i + 1], format);
        }

        return output.Append('}').ToString();
    }

    static JsonbValue BuildJsonb(IReadOnlyList<SqlType> types, Datum[] values, FormatSettings format)
    {
        CheckPairs(values);
        var members = new List<KeyValuePair<string, JsonbValue>>(values.Length / 2);
        for (var i = 0; i < values.Length; i += 2)
            members.Add(new(KeyAt(types, values, i, format), JsonOutput.ToJsonb(types[i + 1], values[i + 1], format)));
        return JsonbValue.FromObject(members);
    }

    static IEnumerable<(string Key, string? Value)> Pairs(SqlArray array)
    {
        if (array.Dimensions > 2 || (array.Dimensions == 2 && array.Lengths[1] != 2))
            throw new SqlException(SqlState.ArraySubscriptError, array.Dimensions == 2 ? "array must have two columns" : "wrong number of array subscripts");
        if (array.Elements.Length % 2 != 0)
            throw new SqlException(SqlState.ArraySubscriptError, "array must have even number of elements");
        for (var i = 0; i < array.Elements.Length; i += 2)
            yield return (KeyOf(array.Elements[i]), array.Elements[i + 1].IsNull ? null : array.Elements[i + 1].AsString());
    }

    static IEnumerable<(string Key, string? Value)> Pairs(SqlArray keys, SqlArray values)
    {
        if (keys.Dimensions > 1 || values.Dimensions > 1)
            throw new SqlException(SqlState.ArraySubscriptError, "wrong number of array subscripts");
        if (keys.Elements.Length != values.Elements.Length)
            throw new SqlException(SqlState.ArraySubscriptError, "mismatched array dimensions");
        for (var i = 0; i < keys.Elements.Length; i++)
            yield return (KeyOf(keys.Elements[i]), values.Elements[i].IsNull ? null : values.Elements[i].AsString());
    }

    static string KeyOf(Datum key) => key.IsNull ? throw FunctionErrors.NullNotAllowed("null value not allowed for object key") : key.AsString();

    static string PairsToJson(IEnumerable<(string Key, string? Value)> pairs)
    {
        var output = new StringBuilder("{");
        foreach (var (key, value) in pairs)
        {
            if (output.Length > 1)
                output.Append(", ");
            JsonbValue.WriteString(output, key);
            output.Append(" : ");
            if (value is null)
                output.Append("null");
            else
                JsonbValue.WriteString(output, value);
        }

        return output.Append('}').ToString();
    }

    static Datum PairsToJsonb(IEnumerable<(string Key, string? Value)> pairs) =>
        Datum.FromObject(JsonbValue.FromObject(pairs.Select(p => KeyValuePair.Create(p.Key, p.Value is null ? JsonbValue.Null : JsonbValue.FromString(p.Value)))));
}
