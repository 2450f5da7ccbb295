using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Json;

/// <summary>JSON as SQL values of given types (json_to_record and its kin): null is NULL, arrays fill arrays, all else goes through the type's text input.</summary>
static class JsonRows
{
    internal static Datum[] FromObject(JsonbValue value, ImmutableArray<(string Name, SqlType Type, int TypeModifier)> columns, string function, EvaluationContext context)
    {
        if (value.Kind != JsonKind.Object)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Array ? $"cannot call {function} on an array" : $"cannot call {function} on a scalar");
        var row = new Datum[columns.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = value.Field(columns[i].Name) is { } field ? ToSql(field, columns[i].Type, columns[i].TypeModifier, context) : Datum.Null;
        return row;
    }

    internal static IEnumerable<Datum[]> FromArray(JsonbValue value, ImmutableArray<(string Name, SqlType Type, int TypeModifier)> columns, string function, EvaluationContext context)
    {
        if (value.Kind != JsonKind.Array)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Object ? $"cannot call {function} on an object" : $"cannot call {function} on a scalar");
        foreach (var item in value.Items)
        {
            context.CheckInterrupts();
            if (item.Kind != JsonKind.Object)
                throw FunctionErrors.Invalid($"argument of {function} must be an array of objects");
            yield return FromObject(item, columns, function, context);
        }
    }

    /// <summary>json_populate_record: fields that the object does not name keep those of the base value.</summary>
    internal static Datum Populate(ResolvedCall call, ReadOnlySpan<Datum> arguments, Func<Datum, JsonbValue> read, string function, EvaluationContext context)
    {
        if (arguments[1].IsNull)
            return arguments[0];
        var shape = ShapeOf(call, arguments[0], function);
        return Fill(read(arguments[1]), shape, arguments[0], "populate_composite", context);
    }

    /// <summary>One row per object of an array; the fields when the call stands in FROM, else whole rows.</summary>
    internal static IEnumerable<Datum[]> PopulateAll(ResolvedCall call, Datum[] arguments, Func<Datum, JsonbValue> read, string function, EvaluationContext context)
    {
        if (arguments[1].IsNull)
            yield break;
        var value = read(arguments[1]);
        if (value.Kind != JsonKind.Array)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Object ? $"cannot call {function} on an object" : $"cannot call {function} on a scalar");
        var shape = ShapeOf(call, arguments[0], function);
        foreach (var item in value.Items)
        {
            context.CheckInterrupts();
            if (item.Kind != JsonKind.Object)
                throw FunctionErrors.Invalid($"argument of {function} must be an array of objects");
            var row = Fill(item, shape, arguments[0], function, context);
            yield return call.DefinedColumns.IsEmpty ? [row] : row.As<SqlRecord>().Fields;
        }
    }

    static CompositeType ShapeOf(ResolvedCall call, Datum given, string function)
    {
        if (call.ReturnType is CompositeType type)
            return type;
        if (!call.ReturnType.IsRow)
            throw new SqlException(SqlState.DatatypeMismatch, $"first argument of {function} must be a row type");
        if (!call.DefinedColumns.IsEmpty && !given.IsNull && !given.As<SqlRecord>().Types.SequenceEqual(call.DefinedColumns.Select(d => DomainType.Base(d.Type))))
            throw new SqlException(SqlState.DatatypeMismatch, "function return row and query-specified return row do not match");
        if (!call.DefinedColumns.IsEmpty && given.IsNull)
            return new CompositeType(PgOid.Record, 0, "record", [.. call.DefinedColumns.Select(d => new CompositeAttribute(d.Name, d.Type, d.TypeModifier))]);
        if (given.IsNull)
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"could not determine row type for result of {function}")
            {
                Hint = "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.",
            };
        }

        var record = given.As<SqlRecord>();
        return new CompositeType(PgOid.Record, 0, "record", [.. record.Types.Select((t, i) => new CompositeAttribute(record.Name(i), t))]);
    }

    static Datum Fill(JsonbValue value, CompositeType type, Datum given, string function, EvaluationContext context)
    {
        if (value.Kind != JsonKind.Object)
            throw FunctionErrors.Invalid(value.Kind == JsonKind.Array ? $"cannot call {function} on an array" : $"cannot call {function} on a scalar");
        var fields = new Datum[type.Attributes.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var attribute = type.Attributes[i];
            fields[i] = value.Field(attribute.Name) is { } field ? ToSql(field, attribute.Type, attribute.TypeModifier, context) : given.IsNull ? Datum.Null : given.As<SqlRecord>().Fields[i];
        }

        return type.Make(fields);
    }

    static Datum ToSql(JsonbValue value, SqlType type, int modifier, EvaluationContext context)
    {
        if (value.Kind == JsonKind.Null && type.Oid is not (PgOid.Json or PgOid.Jsonb))
            return Datum.Null;
        switch (type.Oid)
        {
            case PgOid.Jsonb:
                return value.Kind == JsonKind.Null ? Datum.Null : Datum.FromObject(value);
            case PgOid.Json:
                return value.Kind == JsonKind.Null ? Datum.Null : Datum.FromString(value.ToString());
        }

        if (type is DomainType)
            (type, modifier) = DomainType.Base(type, modifier);
        if (type is CompositeType row && value.Kind != JsonKind.String)
        {
            return value.Kind == JsonKind.Object
                ? Fill(value, row, Datum.Null, "populate_composite", context)
                : throw FunctionErrors.Invalid(value.Kind == JsonKind.Array ? "cannot call populate_composite on an array" : "cannot call populate_composite on a scalar");
        }

        if (type is ArrayType && value.Kind != JsonKind.String)
            return ToArray(value, type.ElementType!, modifier, context);
        return type.Parse(value.AsText()!, modifier, context.Format);
    }

    static Datum ToArray(JsonbValue value, SqlType element, int modifier, EvaluationContext context)
    {
        if (value.Kind != JsonKind.Array)
            throw new SqlException(SqlState.InvalidTextRepresentation, "expected JSON array");
        var lengths = new List<int>();
        for (var level = value; level.Kind == JsonKind.Array; level = level.Items[0])
        {
            lengths.Add(level.Items.Count);
            if (level.Items.Count == 0 || lengths.Count == SqlArray.MaxDimensions)
                break;
        }

        if (lengths.Contains(0))
            return Datum.FromObject(SqlArray.Empty(element));
        var elements = new List<Datum>();
        Collect(value, 0);
        return Datum.FromObject(new SqlArray(element, [.. lengths], [.. lengths.Select(_ => 1)], [.. elements]));

        void Collect(JsonbValue part, int level)
        {
            if (level == lengths.Count)
            {
                elements.Add(ToSql(part, element, modifier, context));
                return;
            }

            if (part.Kind != JsonKind.Array || part.Items.Count != lengths[level])
                throw new SqlException(SqlState.InvalidTextRepresentation, "malformed JSON array") { Detail = "Multidimensional arrays must have sub-arrays with matching dimensions." };
            foreach (var item in part.Items)
                Collect(item, level + 1);
        }
    }
}
