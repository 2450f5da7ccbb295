using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>Functions that print values of any type: concat, format, quoting (manual 9.4, 9.4.1).</summary>
static class TextOutputFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Typed("concat(variadic any) text stable called", static call => Variadic(call, 0, static (_, values) => string.Concat(values.Where(v => v is not null))));
        b.Typed("concat_ws(text, variadic any) text stable called", static call => Variadic(call, 1, static (separator, values) => string.Join(separator, values.Where(v => v is not null))));
        b.Typed("format(text, variadic any) text stable called", static call => Variadic(call, 1, FormatText));
        b.Scalar("format(text) text stable called", static (a, _) => a[0].IsNull ? Datum.Null : Datum.FromString(FormatText(a[0].AsString(), [])));
        b.Unary("quote_ident(text) text", static (s, _) => Datum.FromString(Syntax.SqlText.QuoteIdentifier(s.AsString())));
        b.Unary("quote_literal(text) text", static (s, _) => Datum.FromString(Syntax.SqlText.QuoteLiteral(s.AsString())));
        b.Typed("quote_literal(anyelement) text stable", static call =>
        {
            var type = call.ArgumentTypes[0];
            return (a, c) => Datum.FromString(Syntax.SqlText.QuoteLiteral(CastToText(type, a[0], c)));
        });
        b.Unary("quote_nullable(text) text called", static (s, _) => Datum.FromString(s.IsNull ? "NULL" : Syntax.SqlText.QuoteLiteral(s.AsString())));
        b.Typed("quote_nullable(anyelement) text stable called", static call =>
        {
            var type = call.ArgumentTypes[0];
            return (a, c) => Datum.FromString(a[0].IsNull ? "NULL" : Syntax.SqlText.QuoteLiteral(CastToText(type, a[0], c)));
        });
        foreach (var (left, right) in ((string, string)[])[("text", "anynonarray"), ("anynonarray", "text")])
        {
            b.TypedOperator($"{left} || {right} text", static call =>
            {
                var (l, r) = (call.ArgumentTypes[0], call.ArgumentTypes[1]);
                return (a, c) => Datum.FromString(TextFunctions.Concat(CastToText(l, a[0], c), CastToText(r, a[1], c)));
            }, Volatility.Stable);
        }
    }

    /// <summary>value::text, which spells booleans out.</summary>
    static string CastToText(SqlType type, Datum value, EvaluationContext context) => type.Oid == PgOid.Bool ? value.AsBool() ? "true" : "false" : type.Format(value, context.Format);

    /// <summary>A body over the text forms of the arguments after the first <paramref name="skip"/> ones (0 or 1, of type text); NULL when that first one is NULL.</summary>
    static ScalarBody Variadic(ResolvedCall call, int skip, Func<string, string?[], string> body)
    {
        var types = call.ArgumentTypes;
        return (a, c) =>
        {
            if (skip == 1 && a[0].IsNull)
                return Datum.Null;
            var first = skip == 1 ? a[0].AsString() : "";
            string?[] texts;
            if (call.VariadicArray)
            {
                if (types[skip].ElementType is not { } element)
                    throw new SqlException(SqlState.DatatypeMismatch, "VARIADIC argument must be an array");
                if (a[skip].IsNull)
                    return skip == 1 && call.Function.Name == "concat_ws" ? Datum.FromString("") : skip == 0 ? Datum.Null : Datum.FromString(body(first, []));
                texts = ArrayAccess.TextForms(a[skip], element, c.Format);
            }
            else
            {
                texts = new string?[a.Length - skip];
                for (var i = 0; i < texts.Length; i++)
                    texts[i] = a[i + skip].IsNull ? null : types[i + skip].Format(a[i + skip], c.Format);
            }

            var length = 0L;
            foreach (var text in texts)
                length += (text?.Length ?? 0) + first.Length;
            TextLimits.Check(length);
            return Datum.FromString(body(first, texts));
        };
    }

    /// <summary>format(): %[position][flags][width]type with s, I, L and %% (9.4.1).</summary>
    static string FormatText(string format, string?[] arguments)
    {
        var result = new StringBuilder(format.Length + 16);
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            if (++i < format.Length && format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            AppendSpecifier(format, ref i, arguments, ref next, result);
            TextLimits.Check(result.Length);
        }

        return result.ToString();
    }

    static void AppendSpecifier(string format, ref int i, string?[] arguments, ref int next, StringBuilder result)
    {
        var position = -1;
        var (left, width) = (false, 0);
        var start = i;
        if (ReadNumber(format, ref i) is { } number)
        {
            if (i < format.Length && format[i] == '$')
            {
                position = number == 0 ? throw FunctionErrors.Invalid("format specifies argument 0, but arguments are numbered from 1") : number;
                i++;
            }
            else
            {
                width = number;
            }
        }

        for (; i < format.Length && format[i] == '-'; i++)
            left = true;
        if (i < format.Length && format[i] == '*')
            width = ReadIndirectWidth(format, ref i, arguments, ref next);
        else if (ReadNumber(format, ref i) is { } explicitWidth)
            width = explicitWidth;
        if (i >= format.Length)
            throw new SqlException(SqlState.InvalidParameterValue, "unterminated format() type specifier") { Hint = "For a single \"%\" use \"%%\"." };
        if (width < 0)
            (left, width) = (true, -width);
        var type = format[i];
        if (type is not ('s' or 'I' or 'L'))
            throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized format() type specifier \"{type}\"") { Hint = "For a single \"%\" use \"%%\"." };
        var index = position > 0 ? position - 1 : next;
        if (index >= arguments.Length)
            throw FunctionErrors.Invalid("too few arguments for format()");
        next = index + 1;
        var text = Convert(type, arguments[index]);
        var padding = Math.Max(0, TextLimits.Check(width) - CodePoints.Count(text));
        if (!left)
            result.Append(' ', padding);
        result.Append(text);
        if (left)
            result.Append(' ', padding);
    }

    static string Convert(char type, string? argument) => type switch
    {
        'I' => argument is null ? throw FunctionErrors.NullNotAllowed("null values cannot be formatted as an SQL identifier") : Syntax.SqlText.QuoteIdentifier(argument),
        'L' => argument is null ? "NULL" : Syntax.SqlText.QuoteLiteral(argument),
        _ => argument ?? "",
    };

    /// <summary>* or *n$: the width is an argument.</summary>
    static int ReadIndirectWidth(string format, ref int i, string?[] arguments, ref int next)
    {
        i++;
        var index = next;
        var save = i;
        if (ReadNumber(format, ref i) is { } number && i < format.Length && format[i] == '$')
        {
            index = number == 0 ? throw FunctionErrors.Invalid("format specifies argument 0, but arguments are numbered from 1") : number - 1;
            i++;
        }
        else
        {
            i = save;
        }

        if (index >= arguments.Length)
            throw FunctionErrors.Invalid("too few arguments for format()");
        next = index + 1;
        if (arguments[index] is not { } text)
            return 0;
        if (!int.TryParse(text, out var width))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type integer: \"{text}\"");
        return width == int.MinValue ? throw FunctionErrors.OutOfRange("number") : width;
    }

    static int? ReadNumber(string format, ref int i)
    {
        var start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i]))
            i++;
        if (i == start)
            return null;
        return int.TryParse(format.AsSpan(start, i - start), out var number) ? number : throw FunctionErrors.OutOfRange("number");
    }
}
