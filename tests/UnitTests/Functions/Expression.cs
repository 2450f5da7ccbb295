using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.UnitTests.Functions;

/// <summary>
/// Evaluates small expressions over literals without parser and binder: name(a, b), VARIADIC arrays, a op b, op a, (…), 'text'::type, numbers, NULL, true, false. One operator per
/// parenthesis level. The same text means the same in PostgreSQL, against which the expected results were taken.
/// </summary>
sealed class Expression
{
    readonly string _text;
    int _at;

    Expression(string text) => _text = text;

    internal static EvaluationContext Context { get; } = new() { TransactionTimestamp = 0, StatementTimestamp = 0 };

    /// <summary>The result's text form; null for NULL.</summary>
    internal static string? Evaluate(string text)
    {
        var (value, type) = text.EndsWith('>') ? EvaluateAggregate(text) : EvaluateTyped(text);
        return value.IsNull ? null : type.Oid == PgOid.Bool ? value.AsBool() ? "t" : "f" : type.Format(value, Context.Format);
    }

    internal static (Datum Value, SqlType Type) EvaluateTyped(string text)
    {
        var expression = new Expression(text);
        var result = expression.ReadLevel();
        expression.SkipSpace();
        return expression._at == text.Length ? result : throw new ArgumentException($"junk at {expression._at}: {text}");
    }

    /// <summary>name[direct]&lt;array, array&gt;: the aggregate over rows made of the arrays' elements, which are in order already.</summary>
    static (Datum Value, SqlType Type) EvaluateAggregate(string text)
    {
        var open = text.IndexOf('<', StringComparison.Ordinal);
        var name = text[..open];
        (Datum Value, SqlType Type)[] direct = [];
        if (name.IndexOf('[', StringComparison.Ordinal) is var bracket and > 0)
        {
            direct = [.. name[(bracket + 1)..^1].Split(" & ", StringSplitOptions.RemoveEmptyEntries).Select(EvaluateTyped)];
            name = name[..bracket];
        }

        var columns = text[(open + 1)..^1].Split(" & ", StringSplitOptions.RemoveEmptyEntries).Select(EvaluateTyped).ToArray();
        var resolution = OverloadResolver.BuiltIn.ResolveFunction(new FunctionCallShape(name, [.. direct.Select(d => d.Type), .. columns.Select(c => c.Type.ElementType!)]) { Filter = f => f is AggregateFunction });
        var call = resolution.Call!;
        var aggregate = (AggregateFunction)call.Function;
        var state = aggregate.CreateState(call);
        for (var row = 0; columns.Length > 0 && row < columns[0].Value.As<SqlArray>().Elements.Length; row++)
        {
            var elements = columns.Select(c => (c.Value.As<SqlArray>().Elements[row], c.Type.ElementType!));
            var arguments = direct.Concat(elements).Select((a, i) => Cast(a, call.ArgumentTypes[i], CastContext.Implicit).Value).ToArray();
            if (!aggregate.IsStrict || !arguments.Any(a => a.IsNull))
                state.Accumulate(arguments, Context);
        }

        return (state.Finish(Context), call.ReturnType);
    }

    (Datum Value, SqlType Type) ReadLevel()
    {
        SkipSpace();
        var isNumber = _text[_at] == '-' && _at + 1 < _text.Length && char.IsAsciiDigit(_text[_at + 1]);
        if (!isNumber && ReadOperator() is { } prefix)
        {
            var operand = ReadOperand();
            return Apply(OverloadResolver.BuiltIn.ResolveOperator(prefix, null, operand.Type).Call, [operand], []);
        }

        var left = ReadOperand();
        SkipSpace();
        if (ReadOperator() is not { } symbol)
            return left;
        var right = ReadOperand();
        return Apply(OverloadResolver.BuiltIn.ResolveOperator(symbol, left.Type, right.Type).Call, [left, right], []);
    }

    string? ReadOperator()
    {
        var start = _at;
        while (_at < _text.Length && "+-*/<>=~!@#%^&|`?".Contains(_text[_at], StringComparison.Ordinal))
            _at++;
        return _at > start ? _text[start.._at] : null;
    }

    (Datum Value, SqlType Type) ReadOperand()
    {
        SkipSpace();
        var value = ReadPrimary();
        while (_text.AsSpan(_at).StartsWith("::"))
        {
            _at += 2;
            value = Cast(value, TypeNamed(ReadTypeName()), CastContext.Explicit);
        }

        return value;
    }

    (Datum Value, SqlType Type) ReadPrimary()
    {
        var c = _text[_at];
        if (c == '(')
        {
            _at++;
            var inner = ReadLevel();
            Expect(')');
            return inner;
        }

        if (c == '-' && !char.IsAsciiDigit(_text[_at + 1]))
            throw new ArgumentException($"an operator at {_at} needs parentheses: {_text}");
        if (c == '\'')
            return (Datum.FromString(ReadString()), SqlTypes.Unknown);
        if (c == '-' || char.IsAsciiDigit(c))
            return ReadNumber();
        var name = ReadTypeName();
        switch (name)
        {
            case "NULL": return (Datum.Null, SqlTypes.Unknown);
            case "true": return (Datum.True, SqlTypes.Bool);
            case "false": return (Datum.False, SqlTypes.Bool);
        }

        Expect('(');
        return ReadCall(name);
    }

    (Datum Value, SqlType Type) ReadCall(string name)
    {
        var arguments = new List<(Datum Value, SqlType Type)>();
        var names = new List<string?>();
        var variadic = false;
        SkipSpace();
        while (_text[_at] != ')')
        {
            if (arguments.Count > 0)
                Expect(',');
            SkipSpace();
            if (_text.AsSpan(_at).StartsWith("VARIADIC "))
            {
                variadic = true;
                _at += 9;
            }

            var arrow = _text.IndexOf("=>", _at, StringComparison.Ordinal);
            if (arrow > 0 && _text.AsSpan(_at, arrow - _at).Trim().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz_") < 0)
            {
                names.Add(_text[_at..arrow].Trim());
                _at = arrow + 2;
            }
            else
            {
                names.Add(null);
            }

            arguments.Add(ReadLevel());
            SkipSpace();
        }

        _at++;
        var resolution = OverloadResolver.BuiltIn.ResolveFunction(new FunctionCallShape(name, [.. arguments.Select(a => a.Type)]) { ArgumentNames = [.. names], Variadic = variadic });
        return resolution.CastTarget is { } target ? Cast(arguments[0], target, CastContext.Explicit) : Apply(resolution.Call!, arguments, resolution.Arguments);
    }

    static (Datum Value, SqlType Type) Apply(ResolvedCall call, List<(Datum Value, SqlType Type)> written, ImmutableArray<int> places)
    {
        var function = call.Function;
        var count = call.ArgumentTypes.Length;
        var values = new Datum[count];
        for (var i = 0; i < count; i++)
        {
            var place = places.IsDefaultOrEmpty ? i : places[i];
            values[i] = place >= 0 ? Cast(written[place], call.ArgumentTypes[i], CastContext.Implicit).Value : function.Defaults[-1 - place];
        }

        if (function is TableFunction table)
            return (Datum.FromString(Rows(table, call, values)), SqlTypes.Text);
        if (function.IsStrict && values.Any(v => v.IsNull))
            return (Datum.Null, call.ReturnType);
        return (Invoke((ScalarFunction)function, call, values), call.ReturnType);
    }

    static Datum Invoke(ScalarFunction function, ResolvedCall call, Datum[] values)
    {
        if (values.Length == 1 && function.Unary is { } unary)
            return unary(values[0], Context);
        if (values.Length == 2 && function.Binary is { } binary)
            return binary(values[0], values[1], Context);
        return (function.BodyFactory?.Invoke(call) ?? function.Body!)(values, Context);
    }

    /// <summary>Rows as a|b;c|d.</summary>
    static string Rows(TableFunction table, ResolvedCall call, Datum[] values)
    {
        if (table.IsStrict && values.Any(v => v.IsNull))
            return "";
        var rows = new List<string>();
        foreach (var row in table.BodyFactory(call)(values, Context))
        {
            var texts = row.Select((v, i) => v.IsNull ? "" : (table.Columns.Length > i && !IsPolymorphic(table.Columns[i].Type) ? table.Columns[i].Type : ColumnType(call, i)).Format(v, Context.Format));
            rows.Add(string.Join('|', texts));
        }

        return string.Join(';', rows);
    }

    static bool IsPolymorphic(SqlType type) => type.Oid is PgOid.AnyElement or PgOid.AnyArray or PgOid.Any;

    static SqlType ColumnType(ResolvedCall call, int column) =>
        call.Function.Name == "unnest" ? call.ArgumentTypes[column].ElementType ?? SqlTypes.Text : call.ReturnType;

    internal static (Datum Value, SqlType Type) Cast((Datum Value, SqlType Type) source, SqlType target, CastContext context)
    {
        if (target.Oid == PgOid.Any || (target.Category == TypeCategory.Pseudo && target.Oid != PgOid.Record))
            return source;
        var path = OverloadResolver.BuiltIn.FindCastPath(source.Type, target, context) ?? throw new InvalidOperationException($"no cast from {source.Type} to {target}");
        if (source.Value.IsNull)
            return (Datum.Null, target);
        return (path.Kind switch
        {
            CastPathKind.Relabel => source.Value,
            CastPathKind.Function => path.Cast!.Body!(source.Value, Context),
            CastPathKind.Array => CastArray(source.Value.As<SqlArray>(), path, target.ElementType!),
            _ => target.Parse(source.Type.Format(source.Value, Context.Format), -1, Context.Format),
        }, target);
    }

    static Datum CastArray(SqlArray array, CastPath path, SqlType element)
    {
        Datum One(Datum value) => value.IsNull ? value
            : path.ElementThroughText ? element.Parse(array.ElementType.Format(value, Context.Format), -1, Context.Format)
            : path.Cast?.Body is { } body ? body(value, Context) : value;
        return Datum.FromObject(new SqlArray(element, array.Lengths, array.LowerBounds, [.. array.Elements.Select(One)]));
    }

    string ReadString()
    {
        var result = new System.Text.StringBuilder();
        for (_at++; ; _at++)
        {
            if (_text[_at] == '\'')
            {
                if (_at + 1 >= _text.Length || _text[_at + 1] != '\'')
                    break;
                _at++;
            }

            result.Append(_text[_at]);
        }

        _at++;
        return result.ToString();
    }

    (Datum Value, SqlType Type) ReadNumber()
    {
        var start = _at++;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.' || (_text[_at] == 'e' && _text[_at - 1] != ')')))
            _at++;
        var text = _text[start.._at];
        if (int.TryParse(text, out var small))
            return (Datum.FromInt64(small), SqlTypes.Int4);
        return long.TryParse(text, out var large) ? (Datum.FromInt64(large), SqlTypes.Int8) : (Datum.FromObject(SqlNumeric.Parse(text)), SqlTypes.Numeric);
    }

    string ReadTypeName()
    {
        var start = _at;
        if (_text[_at] == '"')
        {
            _at = _text.IndexOf('"', _at + 1) + 1;
            return _text[(start + 1)..(_at - 1)] == "char" ? "\"char\"" : _text[(start + 1)..(_at - 1)];
        }

        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        if (_text.AsSpan(_at).StartsWith("[]"))
            _at += 2;
        return _text[start.._at];
    }

    internal static SqlType TypeNamed(string name) => name.EndsWith("[]", StringComparison.Ordinal)
        ? SqlTypes.ArrayOf(TypeNamed(name[..^2]))
        : SqlTypes.TryGetByName(name) ?? throw new ArgumentException($"no type {name}");

    void Expect(char c)
    {
        SkipSpace();
        if (_at >= _text.Length || _text[_at] != c)
            throw new ArgumentException($"expected {c} at {_at}: {_text}");
        _at++;
    }

    void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] == ' ')
            _at++;
    }
}
