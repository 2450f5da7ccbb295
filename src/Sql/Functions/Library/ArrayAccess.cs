using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Reading and making array values.</summary>
static class ArrayAccess
{
    /// <summary>Elements of an array, whatever its dimensions; a NULL array makes NULL elements impossible, so the caller checks first.</summary>
    internal static SqlArray A(Datum value) => value.As<SqlArray>();

    internal static Datum Of(SqlType element, Datum[] elements) => Datum.FromObject(SqlArray.Of(element, elements));

    internal static Datum OfTexts(IReadOnlyList<string?> texts)
    {
        var elements = new Datum[texts.Count];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = texts[i] is { } text ? Datum.FromString(text) : Datum.Null;
        return Of(SqlTypes.Text, elements);
    }

    /// <summary>The elements' output texts; null for NULL.</summary>
    internal static string?[] TextForms(Datum array, SqlType element, FormatSettings format)
    {
        var elements = A(array).Elements;
        var texts = new string?[elements.Length];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = elements[i].IsNull ? null : element.Format(elements[i], format);
        return texts;
    }
}
