namespace Chitin.Sql.Syntax;

/// <summary>Type names.</summary>
public sealed partial class Parser
{
    private TypeName Type()
    {
        var position = Current.Start;
        var setOf = Accept("setof");
        var type = SimpleType();
        var dimensions = 0;
        while (true)
        {
            if (Accept('['))
            {
                if (Current.Kind == Syntax.TokenKind.Integer)
                    _next++;
                Expect(']');
                dimensions++;
            }
            else if (IsWord("array") && dimensions == 0)
            {
                _next++;
                dimensions++;
                if (Accept('['))
                {
                    _next++;
                    Expect(']');
                }

                break;
            }
            else
                break;
        }

        return type with { ArrayDimensions = dimensions, SetOf = setOf, Position = position };
    }

    private TypeName SimpleType()
    {
        var token = Current;
        if (token.Kind == Syntax.TokenKind.Identifier && !Peek().Is('.'))
        {
            switch (token.Value)
            {
                case "double" when Peek().IsWord("precision"):
                    _next += 2;
                    return Named("float8");
                case "string" when Peek().Is('('):
                    _next++;
                    return Named("varchar", Modifiers());
                case "int" or "integer":
                    _next++;
                    return Named("int4");
                case "smallint":
                    _next++;
                    return Named("int2");
                case "bigint":
                    _next++;
                    return Named("int8");
                case "real":
                    _next++;
                    return Named("float4");
                case "boolean":
                    _next++;
                    return Named("bool");
                case "float":
                    return FloatTypeName();
                case "decimal" or "dec" or "numeric":
                    _next++;
                    return Named("numeric", Modifiers());
                case "character" or "char" or "nchar" or "national":
                    return CharacterType();
                case "varchar":
                    _next++;
                    return Named("varchar", Modifiers());
                case "bit":
                    _next++;
                    return Named(Accept("varying") ? "varbit" : "bit", Modifiers());
                case "timestamp" or "time":
                    return TimeTypeName();
                case "interval":
                    _next++;
                    return IntervalTypeName();
            }
        }

        var parts = ImmutableArray.CreateBuilder<string>();
        parts.Add(token.Kind == Syntax.TokenKind.Identifier && Keywords.IsReserved(token.Value) ? throw Unexpected() : Label());
        while (Accept('.'))
            parts.Add(Label());
        if (token.Kind == Syntax.TokenKind.QuotedIdentifier && parts.Count == 1 && parts[0] == "char")
            return new TypeName(["pg_catalog", "char"], []);
        return new TypeName(parts.ToImmutable(), Modifiers());
    }

    private static TypeName Named(string name, ImmutableArray<SyntaxExpression> modifiers = default) => new([name], modifiers.IsDefault ? [] : modifiers);

    private ImmutableArray<SyntaxExpression> Modifiers()
    {
        if (!Current.Is('('))
            return [];
        _next++;
        var modifiers = Expressions();
        Expect(')');
        return modifiers;
    }

    private TypeName FloatTypeName()
    {
        _next++;
        if (!Current.Is('('))
            return Named("float8");
        var position = Current.Start;
        _next++;
        var precision = SignedInteger();
        Expect(')');
        return precision switch
        {
            < 1 => throw new Core.SqlException(Core.SqlState.InvalidParameterValue, "precision for type float must be at least 1 bit") { Position = position + 1 },
            <= 24 => Named("float4"),
            <= 53 => Named("float8"),
            _ => throw new Core.SqlException(Core.SqlState.InvalidParameterValue, "precision for type float must be less than 54 bits") { Position = position + 1 },
        };
    }

    private TypeName CharacterType()
    {
        if (Accept("national") && !IsWord("char") && !IsWord("character"))
            throw Unexpected();
        _next++;
        var varying = Accept("varying");
        var modifiers = Modifiers();
        if (varying)
            return Named("varchar", modifiers);
        return Named("bpchar", modifiers.IsEmpty ? [new LiteralExpression(LiteralKind.Integer, "1")] : modifiers);
    }

    private TypeName TimeTypeName()
    {
        var name = Take().Value;
        var modifiers = Modifiers();
        if (Accept("with", "time", "zone"))
            return Named(name + "tz", modifiers);
        Accept("without", "time", "zone");
        return Named(name, modifiers);
    }

    private TypeName IntervalTypeName()
    {
        if (Current.Is('('))
            return Named("interval", Modifiers());
        return Named("interval") with { IntervalFields = IntervalFieldsOption(out var precision), Modifiers = precision };
    }

    private string? IntervalFieldsOption(out ImmutableArray<SyntaxExpression> precision)
    {
        precision = [];
        if (!(Current.Kind == Syntax.TokenKind.Identifier && Current.Value is "year" or "month" or "day" or "hour" or "minute" or "second"))
            return null;
        var fields = Take().Value;
        if (fields == "second")
            precision = Modifiers();
        if (Accept("to"))
        {
            var last = Take();
            if (last.Value is not ("month" or "hour" or "minute" or "second"))
                throw Unexpected(last);
            fields += " to " + last.Value;
            if (last.Value == "second")
                precision = Modifiers();
        }

        return fields.ToUpperInvariant();
    }
}
