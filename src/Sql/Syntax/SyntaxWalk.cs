using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Chitin.Sql.Syntax;

/// <summary>All nodes of a tree, whatever they are nested in. By reflection: for definitions, not for statements that run often.</summary>
internal static class SyntaxWalk
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> s_properties = new();

    public static IEnumerable<SyntaxNode> Nodes(object? root)
    {
        switch (root)
        {
            case null or string:
                yield break;
            case IEnumerable items when root is not SyntaxNode:
                if (items.GetType() is { IsValueType: true } array && array.GetProperty("IsDefault")?.GetValue(items) is true)
                    yield break;
                foreach (var item in items)
                {
                    foreach (var node in Nodes(item))
                        yield return node;
                }

                yield break;
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++)
                {
                    foreach (var node in Nodes(tuple[i]))
                        yield return node;
                }

                yield break;
        }

        var type = root.GetType();
        if (type.Namespace != typeof(SyntaxNode).Namespace || type.IsEnum)
            yield break;
        if (root is SyntaxNode self)
            yield return self;
        foreach (var property in s_properties.GetOrAdd(type, t => [.. t.GetProperties().Where(p => p.GetIndexParameters().Length == 0 && !p.PropertyType.IsPrimitive && p.PropertyType != typeof(string))]))
        {
            foreach (var node in Nodes(property.GetValue(root)))
                yield return node;
        }
    }
}
