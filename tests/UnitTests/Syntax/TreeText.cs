using System.Collections;
using System.Reflection;
using System.Text;
using Chitin.Sql.Syntax;

namespace Chitin.UnitTests.Syntax;

/// <summary>A syntax tree as text, without positions and source texts, so that two trees can be compared by what they mean.</summary>
internal static class TreeText
{
    public static string Of(object? node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    private static void Append(StringBuilder text, object? node)
    {
        switch (node)
        {
            case null:
                text.Append('-');
                break;
            case string value:
                text.Append('\'').Append(value).Append('\'');
                break;
            case IEnumerable items:
                text.Append('[');
                foreach (var item in items)
                {
                    Append(text, item);
                    text.Append(' ');
                }

                text.Append(']');
                break;
            default:
                if (node.GetType().IsPrimitive || node.GetType().IsEnum)
                    text.Append(node);
                else
                    AppendMembers(text, node);
                break;
        }
    }

    private static void AppendMembers(StringBuilder text, object node)
    {
        var type = node.GetType();
        text.Append(type.Name).Append('(');
        if (type.FullName!.StartsWith("System.ValueTuple", StringComparison.Ordinal))
        {
            foreach (var field in type.GetFields())
                Append(text, field.GetValue(node));
        }
        else
        {
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                if (property.Name is nameof(SyntaxNode.Position) or nameof(Statement.Text) or "QueryText" || !property.CanWrite)
                    continue;
                text.Append(property.Name).Append(':');
                Append(text, property.GetValue(node));
                text.Append(' ');
            }
        }

        text.Append(')');
    }
}
