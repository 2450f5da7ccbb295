using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions;

static class ResolutionErrors
{
    internal static SqlException UndefinedFunction(FunctionCallShape shape) =>
        new(SqlState.UndefinedFunction, $"function {SignatureOf(shape)} does not exist")
        {
            Hint = "No function matches the given name and argument types. You might need to add explicit type casts.",
        };

    internal static SqlException AmbiguousFunction(FunctionCallShape shape) =>
        new(SqlState.AmbiguousFunction, $"function {SignatureOf(shape)} is not unique")
        {
            Hint = "Could not choose a best candidate function. You might need to add explicit type casts.",
        };

    internal static SqlException UndefinedOperator(string symbol, SqlType? left, SqlType right) =>
        new(SqlState.UndefinedFunction, $"operator does not exist: {SignatureOf(symbol, left, right)}")
        {
            Hint = left is null
                ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
                : "No operator matches the given name and argument types. You might need to add explicit type casts.",
        };

    internal static SqlException AmbiguousOperator(string symbol, SqlType? left, SqlType right) =>
        new(SqlState.AmbiguousFunction, $"operator is not unique: {SignatureOf(symbol, left, right)}")
        {
            Hint = "Could not choose a best candidate operator. You might need to add explicit type casts.",
        };

    static string SignatureOf(string symbol, SqlType? left, SqlType right) =>
        left is null ? $"{symbol} {right.DisplayName}" : $"{left.DisplayName} {symbol} {right.DisplayName}";

    static string SignatureOf(FunctionCallShape shape)
    {
        var text = new StringBuilder();
        if (shape.Schema is { } schema)
            text.Append(schema).Append('.');
        text.Append(shape.Name).Append('(');
        for (var i = 0; i < shape.ArgumentTypes.Length; i++)
        {
            if (i > 0)
                text.Append(", ");
            if (i < shape.ArgumentNames.Length && shape.ArgumentNames[i] is { } name)
                text.Append(name).Append(" => ");
            text.Append(shape.ArgumentTypes[i].DisplayName);
        }

        return text.Append(')').ToString();
    }
}
