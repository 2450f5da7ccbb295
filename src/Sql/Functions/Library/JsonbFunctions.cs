using System.Globalization;
using Chitin.Core;
using Chitin.Core.Types;
using static Chitin.Sql.Functions.Library.ArrayAccess;

namespace Chitin.Sql.Functions.Library;

/// <summary>Operators and functions of jsonb (manual 9.16).</summary>
static class JsonbFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterAccess(b);
        RegisterTests(b);
        RegisterChanges(b);
        RegisterSets(b);
        RegisterCasts(b);
        b.Unary("jsonb_typeof(jsonb) text", static (v, _) => Datum.FromString(JsonFunctions.KindName(J(v).Kind)));
        b.Unary("jsonb_array_length(jsonb) int4", static (v, _) => Datum.FromInt64(ArrayLength(J(v))));
        b.Unary("jsonb_pretty(jsonb) text", static (v, _) => Datum.FromString(J(v).Pretty()));
        b.Unary("jsonb_strip_nulls(jsonb) jsonb", static (v, _) => Of(StripNulls(J(v))));
    }

    internal static JsonbValue J(Datum value) => value.As<JsonbValue>();

    static Datum Of(JsonbValue? value) => value is null ? Datum.Null : Datum.FromObject(value);

    static Datum TextOf(JsonbValue? value) => value?.AsText() is { } text ? Datum.FromString(text) : Datum.Null;

    static void RegisterAccess(RegistryBuilder b)
    {
        b.Operator("jsonb -> text jsonb", static (v, k, _) => Of(J(v).Field(k.AsString())));
        b.Operator("jsonb -> int4 jsonb", static (v, i, _) => Of(J(v).Element(i.AsInt32())));
        b.Operator("jsonb ->> text text", static (v, k, _) => TextOf(J(v).Field(k.AsString())));
        b.Operator("jsonb ->> int4 text", static (v, i, _) => TextOf(J(v).Element(i.AsInt32())));
        b.Typed("jsonb_extract_path(jsonb, variadic text[]) jsonb", static call => (a, _) => Of(At(J(a[0]), JsonFunctions.PathOf(call, a))));
        b.Typed("jsonb_extract_path_text(jsonb, variadic text[]) text", static call => (a, _) => TextOf(At(J(a[0]), JsonFunctions.PathOf(call, a))));
        b.Operator("jsonb #> text[] jsonb", static (v, p, _) => Of(At(J(v), A(p).Elements)));
        b.Operator("jsonb #>> text[] text", static (v, p, _) => TextOf(At(J(v), A(p).Elements)));
    }

    static void RegisterTests(RegistryBuilder b)
    {
        b.Operator("jsonb @> jsonb bool", static (l, r, _) => Datum.FromBool(J(l).Contains(J(r))));
        b.Operator("jsonb <@ jsonb bool", static (l, r, _) => Datum.FromBool(J(r).Contains(J(l))));
        b.Operator("jsonb ? text bool", static (v, k, _) => Datum.FromBool(J(v).HasKey(k.AsString())));
        b.Operator("jsonb ?| text[] bool", static (v, k, _) => Datum.FromBool(Array.Exists(A(k).Elements, e => !e.IsNull && J(v).HasKey(e.AsString()))));
        b.Operator("jsonb ?& text[] bool", static (v, k, _) => Datum.FromBool(Array.TrueForAll(A(k).Elements, e => e.IsNull || J(v).HasKey(e.AsString()))));
    }

    static void RegisterChanges(RegistryBuilder b)
    {
        b.Operator("jsonb || jsonb jsonb", static (l, r, _) => Of(Concat(J(l), J(r))));
        b.Operator("jsonb - text jsonb", static (v, k, _) => Of(DeleteKeys(J(v), [k])));
        b.Operator("jsonb - text[] jsonb", static (v, k, _) => Of(DeleteKeys(J(v), A(k).Elements)));
        b.Operator("jsonb - int4 jsonb", static (v, i, _) => Of(DeleteIndex(J(v), i.AsInt32())));
        b.Operator("jsonb #- text[] jsonb", static (v, p, _) => Of(JsonbPaths.Delete(J(v), A(p).Elements)));
        b.Scalar("jsonb_set(jsonb_in jsonb, path text[], replacement jsonb, create_if_missing bool = true) jsonb",
            static (a, _) => Of(JsonbPaths.Set(J(a[0]), A(a[1]).Elements, J(a[2]), a[3].AsBool())));
        b.Scalar("jsonb_set_lax(jsonb_in jsonb, path text[], replacement jsonb, create_if_missing bool = true, null_value_treatment text = use_json_null) jsonb called", static (a, _) => SetLax(a));
        b.Scalar("jsonb_insert(jsonb_in jsonb, path text[], replacement jsonb, insert_after bool = false) jsonb",
            static (a, _) => Of(JsonbPaths.Insert(J(a[0]), A(a[1]).Elements, J(a[2]), a[3].AsBool())));
    }

    static void RegisterSets(RegistryBuilder b)
    {
        b.Table("jsonb_each(from_json jsonb) setof (key text, value jsonb)", static (a, c) => Members(J(a[0]), Of, "jsonb_each", c));
        b.Table("jsonb_each_text(from_json jsonb) setof (key text, value text)", static (a, c) => Members(J(a[0]), TextOf, "jsonb_each_text", c));
        b.Table("jsonb_array_elements(from_json jsonb) setof (value jsonb)", static (a, c) => Elements(J(a[0]), Of, "jsonb_array_elements", c));
        b.Table("jsonb_array_elements_text(from_json jsonb) setof (value text)", static (a, c) => Elements(J(a[0]), TextOf, "jsonb_array_elements_text", c));
        b.Table("jsonb_object_keys(jsonb) setof text", static (a, c) => Members(J(a[0]), Of, "jsonb_object_keys", c).Select(r => new[] { r[0] }));
    }

    static void RegisterCasts(RegistryBuilder b)
    {
        b.Cast("jsonb json", CastContext.Assignment, static (v, _) => Datum.FromString(J(v).ToString()));
        b.Cast("jsonb bool", CastContext.Explicit, static (v, _) => J(v).Kind == JsonKind.Boolean ? Datum.FromBool(J(v).Boolean) : throw CannotCast(J(v), "boolean"));
        b.Cast("jsonb numeric", CastContext.Explicit, static (v, _) => Datum.FromObject(Number(J(v), "numeric")));
        b.Cast("jsonb int2", CastContext.Explicit, static (v, _) => Datum.FromInt64(Number(J(v), "smallint").ToInt64("smallint", short.MinValue, short.MaxValue)));
        b.Cast("jsonb int4", CastContext.Explicit, static (v, _) => Datum.FromInt64(Number(J(v), "integer").ToInt64("integer", int.MinValue, int.MaxValue)));
        b.Cast("jsonb int8", CastContext.Explicit, static (v, _) => Datum.FromInt64(Number(J(v), "bigint").ToInt64("bigint")));
        b.Cast("jsonb float4", CastContext.Explicit, static (v, _) => Datum.FromDouble((float)NumberCasts.ToDouble(Number(J(v), "real"))));
        b.Cast("jsonb float8", CastContext.Explicit, static (v, _) => Datum.FromDouble(NumberCasts.ToDouble(Number(J(v), "double precision"))));
    }

    static SqlNumeric Number(JsonbValue value, string type) => value.Kind == JsonKind.Number ? value.Number! : throw CannotCast(value, type);

    static SqlException CannotCast(JsonbValue value, string type) => FunctionErrors.Invalid(value.Kind switch
    {
        JsonKind.Array or JsonKind.Object => $"cannot cast jsonb array or object to type {type}".Replace("array or object", value.Kind == JsonKind.Array ? "array" : "object", StringComparison.Ordinal),
        _ => $"cannot cast jsonb {JsonFunctions.KindName(value.Kind)} to type {type}",
    });

    static JsonbValue? At(JsonbValue value, ReadOnlySpan<Datum> path)
    {
        JsonbValue? place = value;
        foreach (var step in path)
        {
            if (step.IsNull)
                return null;
            place = place!.Kind switch
            {
                JsonKind.Object => place.Field(step.AsString()),
                JsonKind.Array when int.TryParse(step.AsString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => place.Element(index),
                _ => null,
            };
            if (place is null)
                return null;
        }

        return place;
    }

    static int ArrayLength(JsonbValue value) => value.Kind switch
    {
        JsonKind.Array => value.Items.Count,
        JsonKind.Object => throw FunctionErrors.Invalid("cannot get array length of a non-array"),
        _ => throw FunctionErrors.Invalid("cannot get array length of a scalar"),
    };

    static JsonbValue StripNulls(JsonbValue value) => value.Kind switch
    {
        JsonKind.Object => JsonbValue.FromObject(value.Members().Where(m => m.Value.Kind != JsonKind.Null).Select(m => KeyValuePair.Create(m.Key, StripNulls(m.Value)))),
        JsonKind.Array => JsonbValue.FromArray([.. value.Items.Select(StripNulls)]),
        _ => value,
    };

    /// <summary>Two objects are merged, the right one winning; anything else is joined as arrays.</summary>
    static JsonbValue Concat(JsonbValue left, JsonbValue right)
    {
        if (left.Kind == JsonKind.Object && right.Kind == JsonKind.Object)
            return JsonbValue.FromObject(left.Members().Concat(right.Members()));
        IReadOnlyList<JsonbValue> l = left.Kind == JsonKind.Array ? left.Items : [left], r = right.Kind == JsonKind.Array ? right.Items : [right];
        TextLimits.CheckElements((long)l.Count + r.Count);
        return JsonbValue.FromArray([.. l, .. r]);
    }

    static JsonbValue DeleteKeys(JsonbValue value, Datum[] keys)
    {
        if (!value.IsContainer)
            throw FunctionErrors.Invalid("cannot delete from scalar");
        var gone = keys.Where(k => !k.IsNull).Select(k => k.AsString()).ToHashSet(StringComparer.Ordinal);
        return value.Kind == JsonKind.Object
            ? JsonbValue.FromObject(value.Members().Where(m => !gone.Contains(m.Key)))
            : JsonbValue.FromArray([.. value.Items.Where(i => i.Kind != JsonKind.String || !gone.Contains(i.Text!))]);
    }

    static JsonbValue DeleteIndex(JsonbValue value, int index)
    {
        if (!value.IsContainer)
            throw FunctionErrors.Invalid("cannot delete from scalar");
        if (value.Kind == JsonKind.Object)
            throw FunctionErrors.Invalid("cannot delete from object using integer index");
        if (index < 0)
            index += value.Items.Count;
        return index < 0 || index >= value.Items.Count ? value : JsonbValue.FromArray([.. value.Items.Where((_, i) => i != index)]);
    }

    static Datum SetLax(ReadOnlySpan<Datum> a)
    {
        if (a[0].IsNull || a[1].IsNull || a[3].IsNull)
            return Datum.Null;
        if (a[4].IsNull)
            throw FunctionErrors.Invalid("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
        if (!a[2].IsNull)
            return Of(JsonbPaths.Set(J(a[0]), A(a[1]).Elements, J(a[2]), a[3].AsBool()));
        return a[4].AsString() switch
        {
            "raise_exception" => throw new SqlException(SqlState.NullValueNotAllowed, "JSON value must not be null")
            {
                Detail = "Exception was raised because null_value_treatment is \"raise_exception\".",
                Hint = "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.",
            },
            "use_json_null" => Of(JsonbPaths.Set(J(a[0]), A(a[1]).Elements, JsonbValue.Null, a[3].AsBool())),
            "delete_key" => Of(JsonbPaths.Delete(J(a[0]), A(a[1]).Elements)),
            "return_target" => a[0],
            _ => throw FunctionErrors.Invalid("null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\""),
        };
    }

    static IEnumerable<Datum[]> Members(JsonbValue value, Func<JsonbValue, Datum> show, string function, EvaluationContext context)
    {
        if (value.Kind != JsonKind.Object)
            throw FunctionErrors.Invalid(function == "jsonb_object_keys"
                ? $"cannot call {function} on {(value.Kind == JsonKind.Array ? "an array" : "a scalar")}"
                : $"cannot call {function} on a non-object");
        return value.Members().Select(m =>
        {
            context.CheckInterrupts();
            return new[] { Datum.FromString(m.Key), show(m.Value) };
        });
    }

    static IEnumerable<Datum[]> Elements(JsonbValue value, Func<JsonbValue, Datum> show, string function, EvaluationContext context)
    {
        if (value.Kind != JsonKind.Array)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Object ? "cannot extract elements from an object" : "cannot extract elements from a scalar");
        return value.Items.Select(i =>
        {
            context.CheckInterrupts();
            return new[] { show(i) };
        });
    }
}
