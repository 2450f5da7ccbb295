using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sessions.Settings;
using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>Turns the values of a SET into one text, as PostgreSQL's flatten_set_variable_args does.</summary>
internal static class SettingTexts
{
    public static string Flatten(SettingDefinition? definition, string name, ImmutableArray<SyntaxExpression> values)
    {
        var isList = definition?.Kind == SettingKind.List;
        if (values.Length > 1 && !isList && definition?.Name is not "DateStyle")
            throw SettingErrors.TooManyArguments(name);
        return string.Join(", ", values.Select(v => isList ? Quote(Text(v, name)) : Text(v, name)));
    }

    private static string Text(SyntaxExpression value, string name) => value switch
    {
        LiteralExpression { Kind: LiteralKind.Boolean } literal => literal.Text.ToLowerInvariant(),
        LiteralExpression { Kind: not LiteralKind.Null } literal => literal.Text,
        UnaryExpression { Operator: "-", Operand: LiteralExpression literal } => "-" + literal.Text,
        UnaryExpression { Operator: "+", Operand: LiteralExpression literal } => literal.Text,
        ColumnReference reference => string.Join('.', reference.Parts),
        CastExpression { Type.Name: [.., "interval"], Operand: LiteralExpression literal } => Offset(literal.Text, name),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\"") { Position = value.Position + 1 },
    };

    /// <summary>SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE.</summary>
    private static string Offset(string text, string name)
    {
        var interval = SqlTypes.Interval.Parse(text, -1, FormatSettings.Default).As<SqlInterval>();
        if (interval.Months != 0 || interval.Days != 0)
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": \"{text}\"");
        return TimeZoneNames.FromOffset(TimeSpan.FromMicroseconds(interval.Microseconds)).Name;
    }

    private static string Quote(string name)
    {
        var plain = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');
        return plain ? name : '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
    }
}
