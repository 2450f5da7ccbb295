using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Json;
using Chitin.Sql.Functions.JsonPaths;

namespace Chitin.Sql.Functions.Library;

/// <summary>jsonb_path_…, @? and @@ (manual 9.16.2), and json_to_record and its kin.</summary>
static class JsonPathFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        // The _tz forms differ only in datetime comparisons.
        foreach (var suffix in (string[])["", "_tz"])
        {
            var volatility = suffix.Length > 0 ? " stable" : "";
            const string arguments = "(target jsonb, path jsonpath, vars jsonb = {}, silent bool = false)";
            b.Scalar($"jsonb_path_exists{suffix}{arguments} bool{volatility}", static (a, c) => Exists(Run(a, c)));
            b.Scalar($"jsonb_path_match{suffix}{arguments} bool{volatility}", static (a, c) => Match(Run(a, c), a[3].AsBool()));
            b.Scalar($"jsonb_path_query_array{suffix}{arguments} jsonb{volatility}", static (a, c) => Datum.FromObject(JsonbValue.FromArray(Run(a, c) ?? [])));
            b.Scalar($"jsonb_path_query_first{suffix}{arguments} jsonb{volatility}", static (a, c) => Run(a, c) is [var first, ..] ? Datum.FromObject(first) : Datum.Null);
            b.Table($"jsonb_path_query{suffix}{arguments} setof jsonb{volatility}", static (a, c) => (Run(a, c) ?? []).Select(v => new[] { Datum.FromObject(v) }));
        }

        b.Operator("jsonb @? jsonpath bool", static (v, p, c) => Exists(JsonPath.Get(p.AsString()).Query(JsonbFunctions.J(v), s_noVariables, silent: true, c)));
        b.Operator("jsonb @@ jsonpath bool", static (v, p, c) => Match(JsonPath.Get(p.AsString()).Query(JsonbFunctions.J(v), s_noVariables, silent: true, c), silent: true));
        b.TypedTable("json_to_record(json) setof record stable", static call => (a, c) => [JsonRows.FromObject(JsonbValue.Parse(a[0].AsString()), call.DefinedColumns, "json_to_record", c)]);
        b.TypedTable("jsonb_to_record(jsonb) setof record stable", static call => (a, c) => [JsonRows.FromObject(JsonbFunctions.J(a[0]), call.DefinedColumns, "jsonb_to_record", c)]);
        b.Typed("json_populate_record(base anyelement, from_json json, use_json_as_text bool = false) anyelement called stable",
            static call => (a, c) => JsonRows.Populate(call, a, static v => JsonbValue.Parse(v.AsString()), "json_populate_record", c));
        b.Typed("jsonb_populate_record(base anyelement, from_json jsonb) anyelement called stable", static call => (a, c) => JsonRows.Populate(call, a, JsonbFunctions.J, "jsonb_populate_record", c));
        b.TypedTable("json_populate_recordset(base anyelement, from_json json, use_json_as_text bool = false) setof anyelement called stable",
            static call => (a, c) => JsonRows.PopulateAll(call, a, static v => JsonbValue.Parse(v.AsString()), "json_populate_recordset", c));
        b.TypedTable("jsonb_populate_recordset(base anyelement, from_json jsonb) setof anyelement called stable",
            static call => (a, c) => JsonRows.PopulateAll(call, a, JsonbFunctions.J, "jsonb_populate_recordset", c));
        b.TypedTable("json_to_recordset(json) setof record stable", static call => (a, c) => JsonRows.FromArray(JsonbValue.Parse(a[0].AsString()), call.DefinedColumns, "json_to_recordset", c));
        b.TypedTable("jsonb_to_recordset(jsonb) setof record stable", static call => (a, c) => JsonRows.FromArray(JsonbFunctions.J(a[0]), call.DefinedColumns, "jsonb_to_recordset", c));
    }

    static readonly JsonbValue s_noVariables = JsonbValue.FromObject([]);

    static List<JsonbValue>? Run(ReadOnlySpan<Datum> a, EvaluationContext context) =>
        JsonPath.Get(a[1].AsString()).Query(JsonbFunctions.J(a[0]), JsonbFunctions.J(a[2]), a[3].AsBool(), context);

    static Datum Exists(List<JsonbValue>? items) => items is null ? Datum.Null : Datum.FromBool(items.Count > 0);

    static Datum Match(List<JsonbValue>? items, bool silent) => items switch
    {
        [{ Kind: JsonKind.Boolean } single] => Datum.FromBool(single.Boolean),
        [{ Kind: JsonKind.Null }] => Datum.Null,
        _ => silent ? Datum.Null : throw JsonPath.ErrorOf("22038", "single boolean result is expected"),
    };
}
