using Chitin.Core;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.Templates;

/// <summary>A to_char/to_number template for numbers, parsed (manual table 9.30). Immutable; parsed ones are cached.</summary>
sealed partial class NumberTemplate
{
    static readonly PatternCache<TemplateKey, NumberTemplate> s_cache = new(static k => new NumberTemplate(k.Text), static k => k.Text.Length);

    readonly List<(Item Kind, string Literal)> _items = [];
    SignStyle _signs;
    bool _hasZero;
    int _zeroStart;
    int _zeroEnd;
    bool _leadingSign;
    bool _trailingSign;
    int _digitsBeforeSign;

    enum Item { Literal, Nine, Zero, Point, Comma, Group, Currency, Sign, Minus, Plus, PlusOrMinus, Bracket, Roman, RomanLower, Ordinal, OrdinalLower, Shift, Exponent, FillMode }

    [Flags]
    enum SignStyle { None = 0, Minus = 1, Plus = 2, Bracket = 4 }

    // Longer ones first; case matters only where two entries differ.
    static readonly (string Text, Item Kind)[] s_keywords =
    [
        ("EEEE", Item.Exponent), ("FM", Item.FillMode), ("MI", Item.Minus), ("PL", Item.Plus), ("PR", Item.Bracket), ("RN", Item.Roman), ("rn", Item.RomanLower), ("SG", Item.PlusOrMinus),
        ("TH", Item.Ordinal), ("th", Item.OrdinalLower), (",", Item.Comma), (".", Item.Point), ("0", Item.Zero), ("9", Item.Nine), ("D", Item.Point), ("G", Item.Group),
        ("L", Item.Currency), ("S", Item.Sign), ("V", Item.Shift),
    ];

    NumberTemplate(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (ReadLiteral(text, ref i))
                continue;
            var (keyword, kind) = Array.Find(s_keywords, k => string.CompareOrdinal(text, i, k.Text, 0, k.Text.Length) == 0);
            if (keyword is null)
                (keyword, kind) = Array.Find(s_keywords, k => string.Compare(text, i, k.Text, 0, k.Text.Length, StringComparison.OrdinalIgnoreCase) == 0);
            if (keyword is null)
            {
                var units = CodePoints.UnitsAt(text, i);
                _items.Add((Item.Literal, text.Substring(i, units)));
                i += units;
                continue;
            }

            Add(kind);
            _items.Add((kind, keyword));
            i += keyword.Length;
        }
    }

    /// <summary>Digits before and after the decimal point; V's digits count as neither.</summary>
    internal int Before { get; private set; }

    internal int After { get; private set; }

    /// <summary>Digits after V: the value is multiplied by ten to this power.</summary>
    internal int ShiftDigits { get; private set; }

    internal bool IsRoman { get; private set; }

    internal bool IsExponent { get; private set; }

    internal bool HasPoint { get; private set; }

    bool HasShift { get; set; }

    bool FillMode { get; set; }

    internal static NumberTemplate Get(string text)
    {
        if (text.Length > 1024)
            throw FunctionErrors.LimitExceeded("formatting template is too long");
        return s_cache.Get(new TemplateKey(text));
    }

    /// <summary>"quoted" text, and a backslash before a character.</summary>
    bool ReadLiteral(string text, ref int i)
    {
        if (text[i] == '"')
        {
            for (i++; i < text.Length && text[i] != '"'; i++)
            {
                if (text[i] == '\\' && i + 1 < text.Length)
                    i++;
                _items.Add((Item.Literal, text[i].ToString()));
            }

            i++;
            return true;
        }

        if (text[i] != '\\' || i + 1 >= text.Length || text[i + 1] != '"')
            return false;
        _items.Add((Item.Literal, "\""));
        i += 2;
        return true;
    }

    void Add(Item kind)
    {
        if (IsExponent && kind is not Item.FillMode)
            throw Syntax("\"EEEE\" must be the last pattern used");
        switch (kind)
        {
            case Item.Nine or Item.Zero:
                AddDigit(kind);
                break;
            case Item.Point:
                if (HasPoint)
                    throw Syntax("multiple decimal points");
                if (HasShift)
                    throw Syntax("cannot use \"V\" and decimal point together");
                HasPoint = true;
                break;
            case Item.FillMode:
                FillMode = true;
                break;
            case Item.Sign:
                AddSign();
                break;
            case Item.Minus or Item.Plus or Item.PlusOrMinus or Item.Bracket:
                AddFixedSign(kind);
                break;
            case Item.Roman or Item.RomanLower:
                IsRoman = true;
                break;
            case Item.Shift:
                if (HasPoint)
                    throw Syntax("cannot use \"V\" and decimal point together");
                HasShift = true;
                break;
            case Item.Exponent:
                if (FillMode || HasShift || IsRoman || _signs != SignStyle.None || _leadingSign || _trailingSign)
                    throw new SqlException(SqlState.SyntaxError, "\"EEEE\" is incompatible with other formats")
                    {
                        Detail = "\"EEEE\" may only be used together with digit and decimal point patterns.",
                    };
                IsExponent = true;
                break;
        }
    }

    void AddDigit(Item kind)
    {
        if ((_signs & SignStyle.Bracket) != 0)
            throw Syntax($"\"{(kind == Item.Nine ? '9' : '0')}\" must be ahead of \"PR\"");
        if (kind == Item.Nine && HasShift)
        {
            ShiftDigits++;
            return;
        }

        if (kind == Item.Zero && !_hasZero && !HasPoint)
        {
            _hasZero = true;
            _zeroStart = Before;
        }

        if (HasPoint)
            After++;
        else
            Before++;
        if (kind == Item.Zero)
            _zeroEnd = Before + After;
    }

    void AddSign()
    {
        if (_leadingSign || _trailingSign)
            throw Syntax("cannot use \"S\" twice");
        if (_signs != SignStyle.None)
            throw Syntax("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
        if (HasPoint)
        {
            _trailingSign = true;
            return;
        }

        _leadingSign = true;
        _digitsBeforeSign = Before;
    }

    void AddFixedSign(Item kind)
    {
        var (style, name) = kind switch
        {
            Item.Minus => (SignStyle.Minus, "MI"),
            Item.Plus => (SignStyle.Plus, "PL"),
            Item.PlusOrMinus => (SignStyle.Minus | SignStyle.Plus, "SG"),
            _ => (SignStyle.Bracket, "PR"),
        };
        if (_leadingSign || _trailingSign)
            throw Syntax($"cannot use \"S\" and \"{name}\" together");
        if (kind == Item.Bracket && _signs != SignStyle.None)
            throw Syntax("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
        _signs |= style;
    }

    internal static SqlException Syntax(string message) => new(SqlState.SyntaxError, message);
}

readonly record struct TemplateKey(string Text) : IEquatable<TemplateKey>
{
    public bool Equals(TemplateKey other) => ReferenceEquals(Text, other.Text) || Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
