using System.Globalization;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Json;

namespace Chitin.Sql.Functions.Library;

/// <summary>Operators and functions of json (manual 9.16), which cut parts out of the text as it was written.</summary>
static class JsonFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterAccess(b);
        RegisterSets(b);
        b.Cast("json jsonb", CastContext.Assignment, static (v, _) => Datum.FromObject(JsonbValue.Parse(v.AsString())));
        b.Unary("json_typeof(json) text", static (v, _) => Datum.FromString(KindName(new JsonText(v.AsString()).Kind)));
        b.Unary("json_array_length(json) int4", static (v, _) => Datum.FromInt64(ArrayLength(new JsonText(v.AsString()))));
        b.Unary("json_strip_nulls(json) json", static (v, _) => Datum.FromString(StripNulls(v.AsString())));
    }

    static void RegisterAccess(RegistryBuilder b)
    {
        b.Operator("json -> text json", static (v, k, _) => Part(new JsonText(v.AsString()).Field(k.AsString(), out var found), found));
        b.Operator("json -> int4 json", static (v, i, _) => Part(new JsonText(v.AsString()).Element(i.AsInt32(), out var found), found));
        b.Operator("json ->> text text", static (v, k, _) => TextPart(new JsonText(v.AsString()).Field(k.AsString(), out var found), found));
        b.Operator("json ->> int4 text", static (v, i, _) => TextPart(new JsonText(v.AsString()).Element(i.AsInt32(), out var found), found));
        b.Typed("json_extract_path(json, variadic text[]) json", static call => (a, _) => Part(At(a[0].AsString(), PathOf(call, a), out var found), found));
        b.Typed("json_extract_path_text(json, variadic text[]) text", static call => (a, _) => TextPart(At(a[0].AsString(), PathOf(call, a), out var found), found));
        b.Operator("json #> text[] json", static (v, p, _) => Part(At(v.AsString(), ArrayAccess.A(p).Elements, out var found), found));
        b.Operator("json #>> text[] text", static (v, p, _) => TextPart(At(v.AsString(), ArrayAccess.A(p).Elements, out var found), found));
    }

    static void RegisterSets(RegistryBuilder b)
    {
        b.Table("json_each(from_json json) setof (key text, value json)", static (a, c) => Members(a[0].AsString(), asText: false, "json_each", c));
        b.Table("json_each_text(from_json json) setof (key text, value text)", static (a, c) => Members(a[0].AsString(), asText: true, "json_each_text", c));
        b.Table("json_array_elements(from_json json) setof (value json)", static (a, c) => Elements(a[0].AsString(), asText: false, "json_array_elements", c));
        b.Table("json_array_elements_text(from_json json) setof (value text)", static (a, c) => Elements(a[0].AsString(), asText: true, "json_array_elements_text", c));
        b.Table("json_object_keys(json) setof text", static (a, c) => Members(a[0].AsString(), asText: true, "json_object_keys", c).Select(r => new[] { r[0] }));
    }

    /// <summary>The path steps, spread out or as one array (VARIADIC, or through the operator, which is backed by the same function).</summary>
    internal static ReadOnlySpan<Datum> PathOf(ResolvedCall call, ReadOnlySpan<Datum> arguments) =>
        call.ArgumentTypes[1].IsArray ? ArrayAccess.A(arguments[1]).Elements : arguments[1..];

    static Datum Part(JsonText part, bool found) => found ? Datum.FromString(part.Text.ToString()) : Datum.Null;

    static Datum TextPart(JsonText part, bool found) => found && part.AsText() is { } text ? Datum.FromString(text) : Datum.Null;

    static JsonText At(string json, ReadOnlySpan<Datum> path, out bool found)
    {
        var place = new JsonText(json);
        found = true;
        foreach (var step in path)
        {
            found = false;
            if (step.IsNull)
                return default;
            place = place.Kind switch
            {
                JsonKind.Object => place.Field(step.AsString(), out found),
                JsonKind.Array when int.TryParse(step.AsString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => place.Element(index, out found),
                _ => default,
            };
            if (!found)
                return default;
        }

        return place;
    }

    internal static string KindName(JsonKind kind) => kind switch
    {
        JsonKind.Null => "null",
        JsonKind.Boolean => "boolean",
        JsonKind.Number => "number",
        JsonKind.String => "string",
        JsonKind.Array => "array",
        _ => "object",
    };

    static int ArrayLength(JsonText value) => value.Kind switch
    {
        JsonKind.Array => value.Count(),
        JsonKind.Object => throw FunctionErrors.Invalid("cannot get array length of a non-array"),
        _ => throw FunctionErrors.Invalid("cannot get array length of a scalar"),
    };

    static List<Datum[]> Members(string json, bool asText, string function, EvaluationContext context)
    {
        var value = new JsonText(json);
        if (value.Kind != JsonKind.Object)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Array
                ? $"cannot {(function == "json_object_keys" ? $"call {function} on an array" : "deconstruct an array as an object")}"
                : $"cannot {(function == "json_object_keys" ? $"call {function} on a scalar" : "deconstruct a scalar")}");
        var rows = new List<Datum[]>();
        foreach (var part in value)
        {
            context.CheckInterrupts();
            var place = new JsonText(part.Value);
            rows.Add([Datum.FromString(part.Key), asText ? TextPart(place, true) : Part(place, true)]);
        }

        return rows;
    }

    static List<Datum[]> Elements(string json, bool asText, string function, EvaluationContext context)
    {
        var value = new JsonText(json);
        if (value.Kind != JsonKind.Array)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Object ? $"cannot call {function} on a non-array" : $"cannot call {function} on a scalar");
        var rows = new List<Datum[]>();
        foreach (var part in value)
        {
            context.CheckInterrupts();
            var place = new JsonText(part.Value);
            rows.Add([asText ? TextPart(place, true) : Part(place, true)]);
        }

        return rows;
    }

    static string StripNulls(string json)
    {
        var output = new StringBuilder(json.Length);
        AppendStripped(output, new JsonText(json));
        return output.ToString();
    }

    /// <summary>Recursion is as deep as the value, whose depth its own parser bounds.</summary>
    static void AppendStripped(StringBuilder output, JsonText value)
    {
        if (value.Kind is not (JsonKind.Object or JsonKind.Array))
        {
            output.Append(value.Text);
            return;
        }

        var isObject = value.Kind == JsonKind.Object;
        output.Append(isObject ? '{' : '[');
        var first = true;
        foreach (var part in value)
        {
            var place = new JsonText(part.Value);
            if (isObject && place.Kind == JsonKind.Null)
                continue;
            if (!first)
                output.Append(',');
            first = false;
            if (isObject)
            {
                JsonbValue.WriteString(output, part.Key);
                output.Append(':');
            }

            AppendStripped(output, place);
        }

        output.Append(isObject ? '}' : ']');
    }
}
