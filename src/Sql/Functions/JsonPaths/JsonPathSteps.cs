using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.JsonPaths;

/// <summary>Accessors and methods that need no surrounding state.</summary>
static class JsonPathSteps
{
    const int MaxItems = 8 << 20;

    internal static void Check(int count)
    {
        if (count > MaxItems)
            throw FunctionErrors.LimitExceeded("too many items in jsonpath result");
    }

    internal static IEnumerable<JsonbValue> Unwrap(JsonbValue value) => value.Kind == JsonKind.Array ? value.Items : [value];

    internal static void Apply(PathStep step, JsonbValue item, bool strict, List<JsonbValue> result)
    {
        switch (step)
        {
            case KeyStep key:
                Member(item, key.Key, strict, result);
                break;
            case AnyKeyStep:
                foreach (var holder in strict ? [item] : Unwrap(item))
                {
                    if (holder.Kind == JsonKind.Object)
                        result.AddRange(holder.Items);
                    else if (strict)
                        throw JsonPath.ErrorOf("2203C", "jsonpath wildcard member accessor can only be applied to an object");
                }

                break;
            case AnyElementStep:
                if (item.Kind == JsonKind.Array)
                    result.AddRange(item.Items);
                else if (strict)
                    throw JsonPath.ErrorOf("22039", "jsonpath wildcard array accessor can only be applied to an array");
                else
                    result.Add(item);
                break;
            case RecursiveStep recursive:
                Descend(item, 0, recursive, result);
                break;
            case MethodStep method:
                Call(method.Name, item, strict, result);
                break;
        }
    }

    static void Member(JsonbValue item, string key, bool strict, List<JsonbValue> result)
    {
        foreach (var holder in strict ? [item] : Unwrap(item))
        {
            if (holder.Kind != JsonKind.Object)
            {
                if (strict)
                    throw JsonPath.ErrorOf("2203A", "jsonpath member accessor can only be applied to an object");
            }
            else if (holder.Field(key) is { } member)
            {
                result.Add(member);
            }
            else if (strict)
            {
                throw JsonPath.ErrorOf("2203A", $"JSON object does not contain key \"{key}\"");
            }
        }
    }

    static void Descend(JsonbValue item, int level, RecursiveStep step, List<JsonbValue> result)
    {
        Check(result.Count);
        var isLeaf = !item.IsContainer;
        // A first level of -1 ("last") means leaves only.
        if (step.First == -1 ? isLeaf : level >= step.First && (step.Last == -1 || level <= step.Last))
            result.Add(item);
        if (step.Last != -1 && level >= step.Last)
            return;
        foreach (var child in item.Items)
            Descend(child, level + 1, step, result);
    }

    static void Call(string method, JsonbValue item, bool strict, List<JsonbValue> result)
    {
        switch (method)
        {
            case "type":
                result.Add(JsonbValue.FromString(Library.JsonFunctions.KindName(item.Kind)));
                return;
            case "size":
                if (item.Kind != JsonKind.Array && strict)
                    throw JsonPath.ErrorOf("22039", "jsonpath item method .size() can only be applied to an array");
                result.Add(JsonbValue.FromNumber(SqlNumeric.FromInt64(item.Kind == JsonKind.Array ? item.Items.Count : 1)));
                return;
        }

        foreach (var value in strict ? [item] : Unwrap(item))
        {
            if (method == "keyvalue")
                KeyValues(value, result);
            else
                result.Add(JsonbValue.FromNumber(Numeric(method, value)));
        }
    }

    static SqlNumeric Numeric(string method, JsonbValue value)
    {
        if (method == "double")
        {
            if (value.Kind == JsonKind.String && double.TryParse(value.Text, System.Globalization.CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed))
                return SqlNumeric.FromDouble(parsed);
            return value.Kind == JsonKind.Number
                ? SqlNumeric.FromDouble(value.Number!.ToDouble())
                : throw JsonPath.ErrorOf("22036", value.Kind == JsonKind.String
                    ? "string argument of jsonpath item method .double() is not a valid representation of a double precision number"
                    : "jsonpath item method .double() can only be applied to a string or numeric value");
        }

        if (value.Kind != JsonKind.Number)
            throw JsonPath.ErrorOf("22036", $"jsonpath item method .{method}() can only be applied to a numeric value");
        return method switch
        {
            "ceiling" => value.Number!.Ceiling(),
            "floor" => value.Number!.Floor(),
            _ => SqlNumeric.Abs(value.Number!),
        };
    }

    /// <summary>The id tells objects of one document apart; PostgreSQL gives byte offsets, whose values nothing promises.</summary>
    static void KeyValues(JsonbValue value, List<JsonbValue> result)
    {
        if (value.Kind != JsonKind.Object)
            throw JsonPath.ErrorOf("2203C", "jsonpath item method .keyvalue() can only be applied to an object");
        foreach (var (key, member) in value.Members())
            result.Add(JsonbValue.FromObject(
            [
                KeyValuePair.Create("key", JsonbValue.FromString(key)), KeyValuePair.Create("value", member), KeyValuePair.Create("id", JsonbValue.FromNumber(SqlNumeric.Zero)),
            ]));
    }

    /// <summary>Null when the two cannot be compared: containers, or scalars of different kinds (null equals only null).</summary>
    internal static bool? Compare(PathComparison kind, JsonbValue left, JsonbValue right)
    {
        if (left.Kind != right.Kind)
            return left.Kind == JsonKind.Null || right.Kind == JsonKind.Null ? kind == PathComparison.NotEqual : null;
        if (left.IsContainer)
            return null;
        if (left.Kind is JsonKind.Null or JsonKind.Boolean && kind is not (PathComparison.Equal or PathComparison.NotEqual) && left.Kind == JsonKind.Null)
            return kind is PathComparison.LessOrEqual or PathComparison.GreaterOrEqual;
        var order = left.CompareTo(right);
        return kind switch
        {
            PathComparison.Equal => order == 0,
            PathComparison.NotEqual => order != 0,
            PathComparison.Less => order < 0,
            PathComparison.LessOrEqual => order <= 0,
            PathComparison.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
