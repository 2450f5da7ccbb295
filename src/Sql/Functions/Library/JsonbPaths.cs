using System.Globalization;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Changes at a path of keys and positions: jsonb_set, jsonb_insert, #- (manual 9.16.1). Recursion is as deep as the path, which is bounded by the value's own depth plus one.</summary>
static class JsonbPaths
{
    enum Action { Set, Create, InsertBefore, InsertAfter, Delete }

    internal static JsonbValue Set(JsonbValue value, Datum[] path, JsonbValue replacement, bool create) => Start(value, path, replacement, create ? Action.Create : Action.Set);

    internal static JsonbValue Insert(JsonbValue value, Datum[] path, JsonbValue replacement, bool after) => Start(value, path, replacement, after ? Action.InsertAfter : Action.InsertBefore);

    internal static JsonbValue Delete(JsonbValue value, Datum[] path) => Start(value, path, JsonbValue.Null, Action.Delete);

    static JsonbValue Start(JsonbValue value, Datum[] path, JsonbValue replacement, Action action)
    {
        if (!value.IsContainer)
            throw FunctionErrors.Invalid(action == Action.Delete ? "cannot delete path in scalar" : "cannot set path in scalar");
        return path.Length == 0 || (value.Items.Count == 0 && action is Action.Set or Action.Delete) ? value : Apply(value, path, 0, replacement, action);
    }

    static JsonbValue Apply(JsonbValue value, Datum[] path, int level, JsonbValue replacement, Action action)
    {
        if (path[level].IsNull)
            throw FunctionErrors.NullNotAllowed($"path element at position {level + 1} is null");
        return value.Kind switch
        {
            JsonKind.Object => InObject(value, path, level, replacement, action),
            JsonKind.Array => InArray(value, path, level, replacement, action),
            _ => value,
        };
    }

    static JsonbValue InObject(JsonbValue value, Datum[] path, int level, JsonbValue replacement, Action action)
    {
        var key = path[level].AsString();
        var existing = value.Field(key);
        if (level < path.Length - 1)
            return existing is null ? value : With(value, key, Apply(existing, path, level + 1, replacement, action));
        switch (action)
        {
            case Action.Delete:
                return existing is null ? value : JsonbValue.FromObject(value.Members().Where(m => m.Key != key));
            case Action.InsertBefore or Action.InsertAfter when existing is not null:
                throw new SqlException(SqlState.InvalidParameterValue, "cannot replace existing key") { Hint = "Try using the function jsonb_set to replace key value." };
            case Action.Set when existing is null:
                return value;
            default:
                return With(value, key, replacement);
        }
    }

    static JsonbValue With(JsonbValue value, string key, JsonbValue member) => JsonbValue.FromObject(value.Members().Append(KeyValuePair.Create(key, member)));

    static JsonbValue InArray(JsonbValue value, Datum[] path, int level, JsonbValue replacement, Action action)
    {
        var count = value.Items.Count;
        if (!int.TryParse(path[level].AsString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"path element at position {level + 1} is not an integer: \"{path[level].AsString()}\"");
        var beforeStart = index < 0 && -(long)index > count;
        if (index < 0 && !beforeStart)
            index += count;
        var exists = !beforeStart && index < count;
        if (level < path.Length - 1)
            return exists ? Replace(value, index, Apply(value.Items[index], path, level + 1, replacement, action)) : value;
        return action switch
        {
            Action.Delete => exists ? JsonbValue.FromArray([.. value.Items.Where((_, i) => i != index)]) : value,
            Action.Set => exists ? Replace(value, index, replacement) : value,
            Action.Create when exists => Replace(value, index, replacement),
            _ => InsertAt(value, exists ? index + (action == Action.InsertAfter ? 1 : 0) : beforeStart ? 0 : count, replacement),
        };
    }

    static JsonbValue Replace(JsonbValue value, int index, JsonbValue item) => JsonbValue.FromArray([.. value.Items.Take(index), item, .. value.Items.Skip(index + 1)]);

    static JsonbValue InsertAt(JsonbValue value, int index, JsonbValue item)
    {
        TextLimits.CheckElements(value.Items.Count + 1L);
        return JsonbValue.FromArray([.. value.Items.Take(index), item, .. value.Items.Skip(index)]);
    }
}
