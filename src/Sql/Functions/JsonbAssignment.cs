using System.Globalization;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

/// <summary>
/// SET column['key'][n] = value of a jsonb column (manual 8.14.5). What is missing on the way is made, arrays are filled up with null; a scalar on the way is an error.
/// Arguments: the old value, the new one (NULL is JSON's null), then keys as text and positions as int4.
/// </summary>
internal static class JsonbAssignment
{
    public static ScalarFunction Function { get; } = new()
    {
        Name = "jsonb_set_subscript", Oid = 0, ArgumentTypes = [], ReturnType = SqlTypes.Jsonb, IsStrict = false,
        BodyFactory = static call =>
        {
            var isArray = call.ArgumentTypes[2].Oid == PgOid.Int4;
            return (arguments, _) => Assign(arguments, isArray);
        },
    };

    private static Datum Assign(ReadOnlySpan<Datum> arguments, bool isArray)
    {
        var path = new string[arguments.Length - 2];
        for (var i = 0; i < path.Length; i++)
        {
            if (arguments[i + 2].IsNull)
                throw new SqlException(SqlState.NullValueNotAllowed, "jsonb subscript in assignment must not be null");
            path[i] = arguments[i + 2].AsString();
        }

        var value = arguments[1].IsNull ? JsonbValue.Null : arguments[1].As<JsonbValue>();
        var old = arguments[0].IsNull ? isArray ? JsonbValue.FromArray([]) : JsonbValue.FromObject([]) : arguments[0].As<JsonbValue>();
        return Datum.FromObject(Set(old, path, 0, value));
    }

    private static JsonbValue Set(JsonbValue value, string[] path, int level, JsonbValue replacement)
    {
        if (level == path.Length)
            return replacement;
        switch (value.Kind)
        {
            case JsonKind.Object:
                var member = value.Field(path[level]) is { } existing ? Set(existing, path, level + 1, replacement) : Make(path, level + 1, replacement);
                return JsonbValue.FromObject(value.Members().Append(KeyValuePair.Create(path[level], member)));
            case JsonKind.Array:
                return SetItem(value, path, level, replacement);
            default:
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key") { Detail = "The path assumes key is a composite object, but it is a scalar value." };
        }
    }

    private static JsonbValue SetItem(JsonbValue array, string[] path, int level, JsonbValue replacement)
    {
        if (!TryPosition(path[level], out var index))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"path element at position {level + 1} is not an integer: \"{path[level]}\"");
        var count = array.Items.Count;
        if (index < 0 && -(long)index > count)
            throw new SqlException(SqlState.InvalidParameterValue, $"path element at position {level + 1} is out of range: {index}");
        if (index < 0)
            index += count;
        if (index < count)
            return JsonbValue.FromArray([.. array.Items.Take(index), Set(array.Items[index], path, level + 1, replacement), .. array.Items.Skip(index + 1)]);
        return JsonbValue.FromArray([.. array.Items, .. Nulls(index - count), Make(path, level + 1, replacement)]);
    }

    /// <summary>Containers for the rest of a path of which nothing is there yet: an array for a number, else an object.</summary>
    private static JsonbValue Make(string[] path, int level, JsonbValue replacement)
    {
        var value = replacement;
        for (var i = path.Length - 1; i >= level; i--)
        {
            value = TryPosition(path[i], out var index)
                ? JsonbValue.FromArray([.. Nulls(Math.Max(index, 0)), value])
                : JsonbValue.FromObject([KeyValuePair.Create(path[i], value)]);
        }

        return value;
    }

    private static bool TryPosition(string text, out int index) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index);

    /// <summary>54000 beyond <see cref="ArrayAssignment.MaxElements"/>: a far position must not take memory without bound.</summary>
    private static IEnumerable<JsonbValue> Nulls(int count) => count > ArrayAssignment.MaxElements
        ? throw new SqlException(SqlState.ProgramLimitExceeded, $"number of jsonb array elements exceeds the maximum allowed ({ArrayAssignment.MaxElements})")
        : Enumerable.Repeat(JsonbValue.Null, count);
}
