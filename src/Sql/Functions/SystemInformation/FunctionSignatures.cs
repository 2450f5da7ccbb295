using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Signatures of built-in functions as text, for regprocedure, \df and pg_get_function_*.</summary>
static class FunctionSignatures
{
    /// <summary>name(type,type), as regprocedure prints it.</summary>
    internal static string Identity(FunctionEntry function) =>
        $"{SqlText.QuoteIdentifier(function.Name)}({string.Join(',', function.ArgumentTypes.Select(t => t.DisplayName))})";

    internal static uint Resolve(ISessionServices session, string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || !text.TrimEnd().EndsWith(')'))
            throw new SqlException(SqlState.InvalidTextRepresentation, "expected a left parenthesis");
        var parts = QualifiedName.Parse(text[..open]);
        var list = text[(open + 1)..text.LastIndexOf(')')].Trim();
        var types = list.Length == 0
            ? []
            : list.Split(',').Select(t => CatalogSearch.Type(session, t) ?? throw new SqlException(SqlState.UndefinedObject, $"type \"{t.Trim()}\" does not exist")).ToArray();
        return FunctionRegistry.BuiltIn.Functions(parts[^1]).FirstOrDefault(f => f.ArgumentTypes.SequenceEqual(types))?.Oid ?? 0;
    }

    /// <summary>Arguments with names, modes and defaults; for a table function with OUT columns those too.</summary>
    internal static string Arguments(FunctionEntry function, bool withDefaults)
    {
        var texts = new List<string>();
        var firstDefault = function.ArgumentTypes.Length - function.Defaults.Length;
        for (var i = 0; i < function.ArgumentTypes.Length; i++)
        {
            var type = function.ArgumentTypes[i];
            var text = type.Oid == PgOid.Any ? "\"any\"" : type.DisplayName;
            if (i < function.ArgumentNames.Length)
                text = SqlText.QuoteIdentifier(function.ArgumentNames[i]) + " " + text;
            if (function.IsVariadic && i == function.ArgumentTypes.Length - 1)
                text = "VARIADIC " + text;
            if (withDefaults && i >= firstDefault)
                text += " DEFAULT " + DefaultText(type, function.Defaults[i - firstDefault]);
            texts.Add(text);
        }

        if (function is TableFunction table)
            texts.AddRange(table.Columns.Select(c => $"OUT {SqlText.QuoteIdentifier(c.Name)} {c.Type.DisplayName}"));
        return string.Join(", ", texts);
    }

    static string DefaultText(SqlType type, Datum value)
    {
        if (value.IsNull)
            return $"NULL::{type.DisplayName}";
        return type.Category switch
        {
            TypeCategory.Boolean => value.AsBool() ? "true" : "false",
            TypeCategory.Numeric => type.Format(value, FormatSettings.Default),
            _ => $"{SqlText.QuoteLiteral(type.Format(value, FormatSettings.Default))}::{type.DisplayName}",
        };
    }

    internal static string Result(FunctionEntry function) => (function is TableFunction ? "SETOF " : "") + function.ReturnType.DisplayName;
}
