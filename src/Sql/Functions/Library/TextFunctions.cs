using System.Text;
using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

/// <summary>String functions (manual 9.4) that cut, measure and change text. Positions count code points.</summary>
static class TextFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterMeasures(b);
        RegisterCase(b);
        RegisterParts(b);
        RegisterTrim(b);
        RegisterChanges(b);
        b.Operator("text || text text", static (l, r, _) => Datum.FromString(Concat(l.AsString(), r.AsString())));
        b.Operator("text ^@ text bool", static (l, r, _) => Datum.FromBool(l.AsString().StartsWith(r.AsString(), StringComparison.Ordinal)));
    }

    static void RegisterMeasures(RegistryBuilder b)
    {
        b.Unary("length|char_length|character_length|textlen(text) int4", static (s, _) => Datum.FromInt64(CodePoints.Count(s.AsString())));
        b.Unary("length|char_length|character_length(bpchar) int4", static (s, _) => Datum.FromInt64(CodePoints.Count(s.AsString().AsSpan().TrimEnd(' '))));
        b.Unary("octet_length(text) int4", static (s, _) => Datum.FromInt64(Encoding.UTF8.GetByteCount(s.AsString())));
        b.Unary("octet_length(bpchar) int4", static (s, _) => Datum.FromInt64(Encoding.UTF8.GetByteCount(s.AsString())));
        b.Unary("bit_length(text) int4", static (s, _) => Datum.FromInt64(8L * Encoding.UTF8.GetByteCount(s.AsString())));
        // POSITION(sub IN string) is parsed as position(string, sub).
        b.Binary("strpos|position(text, text) int4", static (s, sub, _) => Position(s.AsString(), sub.AsString()));
        b.Binary("starts_with(text, text) bool", static (s, prefix, _) => Datum.FromBool(s.AsString().StartsWith(prefix.AsString(), StringComparison.Ordinal)));
        b.Unary("ascii(text) int4", static (s, _) => Datum.FromInt64(s.AsString().Length == 0 ? 0 : FirstCodePoint(s.AsString())));
    }

    static void RegisterCase(RegistryBuilder b)
    {
        b.Unary("lower(text) text", static (s, _) => Datum.FromString(s.AsString().ToLowerInvariant()));
        b.Unary("upper(text) text", static (s, _) => Datum.FromString(s.AsString().ToUpperInvariant()));
        b.Unary("initcap(text) text", static (s, _) => Datum.FromString(InitCap(s.AsString())));
    }

    static void RegisterParts(RegistryBuilder b)
    {
        b.Binary("substr|substring(text, int4) text", static (s, from, _) => Datum.FromString(Substring(s.AsString(), from.AsInt32(), null)));
        b.Scalar("substr|substring(text, int4, int4) text", static (a, _) => Datum.FromString(Substring(a[0].AsString(), a[1].AsInt32(), a[2].AsInt32())));
        b.Binary("left(text, int4) text", static (s, n, _) => Datum.FromString(Left(s.AsString(), n.AsInt32())));
        b.Binary("right(text, int4) text", static (s, n, _) => Datum.FromString(Right(s.AsString(), n.AsInt32())));
        b.Scalar("split_part(text, text, int4) text", static (a, _) => Datum.FromString(SplitPart(a[0].AsString(), a[1].AsString(), a[2].AsInt32())));
        b.Scalar("overlay(text, text, int4) text", static (a, _) => Datum.FromString(Overlay(a[0].AsString(), a[1].AsString(), a[2].AsInt32(), CodePoints.Count(a[1].AsString()))));
        b.Scalar("overlay(text, text, int4, int4) text", static (a, _) => Datum.FromString(Overlay(a[0].AsString(), a[1].AsString(), a[2].AsInt32(), a[3].AsInt32())));
    }

    static void RegisterTrim(RegistryBuilder b)
    {
        b.Unary("btrim(text) text", static (s, _) => Datum.FromString(s.AsString().Trim(' ')));
        b.Unary("ltrim(text) text", static (s, _) => Datum.FromString(s.AsString().TrimStart(' ')));
        b.Unary("rtrim(text) text", static (s, _) => Datum.FromString(s.AsString().TrimEnd(' ')));
        b.Binary("btrim(text, text) text", static (s, set, _) => Datum.FromString(Trim(s.AsString(), set.AsString(), start: true, end: true)));
        b.Binary("ltrim(text, text) text", static (s, set, _) => Datum.FromString(Trim(s.AsString(), set.AsString(), start: true, end: false)));
        b.Binary("rtrim(text, text) text", static (s, set, _) => Datum.FromString(Trim(s.AsString(), set.AsString(), start: false, end: true)));
    }

    static void RegisterChanges(RegistryBuilder b)
    {
        b.Scalar("replace(text, text, text) text", static (a, _) => Datum.FromString(Replace(a[0].AsString(), a[1].AsString(), a[2].AsString())));
        b.Scalar("translate(text, text, text) text", static (a, _) => Datum.FromString(Translate(a[0].AsString(), a[1].AsString(), a[2].AsString())));
        b.Binary("lpad(text, int4) text", static (s, n, _) => Datum.FromString(Pad(s.AsString(), n.AsInt32(), " ", left: true)));
        b.Binary("rpad(text, int4) text", static (s, n, _) => Datum.FromString(Pad(s.AsString(), n.AsInt32(), " ", left: false)));
        b.Scalar("lpad(text, int4, text) text", static (a, _) => Datum.FromString(Pad(a[0].AsString(), a[1].AsInt32(), a[2].AsString(), left: true)));
        b.Scalar("rpad(text, int4, text) text", static (a, _) => Datum.FromString(Pad(a[0].AsString(), a[1].AsInt32(), a[2].AsString(), left: false)));
        b.Binary("repeat(text, int4) text", static (s, n, _) => Datum.FromString(Repeat(s.AsString(), n.AsInt32())));
        b.Unary("reverse(text) text", static (s, _) => Datum.FromString(Reverse(s.AsString())));
        b.Unary("chr(int4) text", static (n, _) => Datum.FromString(Chr(n.AsInt32())));
        b.Unary("to_hex(int4) text", static (n, _) => Datum.FromString(n.AsInt32().ToString("x")));
        b.Unary("to_hex(int8) text", static (n, _) => Datum.FromString(n.AsInt64().ToString("x")));
        b.Binary("normalize(text, form text = NFC) text", static (s, form, _) => Datum.FromString(s.AsString().Normalize(FormOf(form.AsString()))));
        b.Binary("is_normalized(text, form text = NFC) bool", static (s, form, _) => Datum.FromBool(s.AsString().IsNormalized(FormOf(form.AsString()))));
        b.Unary("unistr(text) text", static (s, _) => Datum.FromString(Unistr(s.AsString())));
    }

    internal static string Concat(string left, string right)
    {
        TextLimits.Check((long)left.Length + right.Length);
        return string.Concat(left, right);
    }

    static Datum Position(string text, string substring)
    {
        var at = text.IndexOf(substring, StringComparison.Ordinal);
        return Datum.FromInt64(at < 0 ? 0 : CodePoints.Count(text.AsSpan(0, at)) + 1);
    }

    static int FirstCodePoint(string text) => CodePoints.UnitsAt(text, 0) == 2 ? char.ConvertToUtf32(text, 0) : text[0];

    static string InitCap(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append((inWord ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune)).ToString());
            inWord = Rune.IsLetterOrDigit(rune);
        }

        return result.ToString();
    }

    /// <summary>From is one-based and may lie before the text; length null = to the end.</summary>
    internal static string Substring(string text, int from, int? length)
    {
        long start = from, end = long.MaxValue;
        if (length is { } n)
        {
            if (n < 0)
                throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
            end = start + n;
        }

        start = Math.Max(start, 1);
        if (end <= start)
            return "";
        if (!CodePoints.HasSurrogates(text))
        {
            var first = Math.Min(start - 1, text.Length);
            var last = Math.Min(end - 1, text.Length);
            return text.Substring((int)first, (int)(last - first));
        }

        var offset = CodePoints.Offset(text, start - 1);
        return text[offset..CodePoints.Offset(text, end - 1)];
    }

    static string Left(string text, int n)
    {
        var count = n >= 0 ? n : Math.Max(0, CodePoints.Count(text) + (long)n);
        return text[..CodePoints.Offset(text, count)];
    }

    static string Right(string text, int n)
    {
        var skip = n >= 0 ? CodePoints.Count(text) - (long)n : -(long)n;
        return text[CodePoints.Offset(text, skip)..];
    }

    internal static string SplitPart(string text, string delimiter, int field)
    {
        if (field == 0)
            throw FunctionErrors.Invalid("field position must not be zero");
        if (text.Length == 0)
            return "";
        if (delimiter.Length == 0)
            return field is 1 or -1 ? text : "";
        if (field < 0)
            return SplitPartFromEnd(text, delimiter, -(long)field);
        var start = 0;
        while (true)
        {
            var at = text.IndexOf(delimiter, start, StringComparison.Ordinal);
            if (--field == 0)
                return at < 0 ? text[start..] : text[start..at];
            if (at < 0)
                return "";
            start = at + delimiter.Length;
        }
    }

    static string SplitPartFromEnd(string text, string delimiter, long field)
    {
        // Delimiters are found from the left, so that 'aaa' split by 'aa' has one.
        var bounds = new List<int>();
        for (var at = text.IndexOf(delimiter, StringComparison.Ordinal); at >= 0; at = text.IndexOf(delimiter, at + delimiter.Length, StringComparison.Ordinal))
            bounds.Add(at);
        var index = bounds.Count + 1 - field;
        if (index < 0)
            return "";
        var from = index == 0 ? 0 : bounds[(int)index - 1] + delimiter.Length;
        return index == bounds.Count ? text[from..] : text[from..bounds[(int)index]];
    }

    internal static string Overlay(string text, string placing, int from, int length)
    {
        if (from <= 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        if (from > int.MaxValue - (long)length)
            throw FunctionErrors.OutOfRange("integer");
        TextLimits.Check((long)text.Length + placing.Length);
        return Substring(text, 1, from - 1) + placing + Substring(text, from + length, null);
    }

    static string Trim(string text, string set, bool start, bool end)
    {
        ReadOnlySpan<char> rest = text;
        if (!CodePoints.HasSurrogates(set))
        {
            if (start)
                rest = rest.TrimStart(set);
            if (end)
                rest = rest.TrimEnd(set);
            // An empty set trims white space in .NET and nothing in SQL.
            return set.Length == 0 || rest.Length == text.Length ? text : rest.ToString();
        }

        var runes = set.EnumerateRunes().ToHashSet();
        while (start && rest.Length > 0 && Rune.DecodeFromUtf16(rest, out var first, out var units) == System.Buffers.OperationStatus.Done && runes.Contains(first))
            rest = rest[units..];
        while (end && rest.Length > 0 && Rune.DecodeLastFromUtf16(rest, out var last, out var units) == System.Buffers.OperationStatus.Done && runes.Contains(last))
            rest = rest[..^units];
        return rest.ToString();
    }

    internal static string Replace(string text, string from, string to)
    {
        if (from.Length == 0 || text.Length == 0)
            return text;
        if (to.Length > from.Length)
            TextLimits.Check(text.Length + (long)text.AsSpan().Count(from) * (to.Length - from.Length));
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    static string Translate(string text, string from, string to)
    {
        if (text.Length == 0)
            return text;
        var map = new Dictionary<Rune, Rune?>();
        var targets = to.EnumerateRunes().ToArray();
        var index = 0;
        foreach (var rune in from.EnumerateRunes())
        {
            map.TryAdd(rune, index < targets.Length ? targets[index] : null);
            index++;
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!map.TryGetValue(rune, out var target))
                result.Append(rune.ToString());
            else if (target is { } replacement)
                result.Append(replacement.ToString());
        }

        return result.ToString();
    }

    static string Pad(string text, int length, string fill, bool left)
    {
        if (length <= 0)
            return "";
        var count = CodePoints.Count(text);
        if (count >= length)
            return text[..CodePoints.Offset(text, length)];
        if (fill.Length == 0)
            return text;
        TextLimits.Check((long)length * 2);
        var missing = length - count;
        var result = new StringBuilder(text.Length + missing);
        if (!left)
            result.Append(text);
        var fillCount = CodePoints.Count(fill);
        for (; missing >= fillCount; missing -= fillCount)
            result.Append(fill);
        result.Append(fill, 0, CodePoints.Offset(fill, missing));
        if (left)
            result.Append(text);
        return result.ToString();
    }

    static string Repeat(string text, int times)
    {
        if (times <= 0 || text.Length == 0)
            return "";
        var length = TextLimits.Check((long)text.Length * times);
        return string.Create(length, text, static (span, unit) =>
        {
            for (var at = 0; at < span.Length; at += unit.Length)
                unit.CopyTo(span[at..]);
        });
    }

    static string Reverse(string text)
    {
        var result = text.ToCharArray();
        Array.Reverse(result);
        for (var i = 0; i + 1 < result.Length; i++)
            if (char.IsLowSurrogate(result[i]) && char.IsHighSurrogate(result[i + 1]))
                (result[i], result[i + 1]) = (result[i + 1], result[i++]);
        return new string(result);
    }

    static string Chr(int codePoint) => codePoint switch
    {
        0 => throw FunctionErrors.LimitExceeded("null character not permitted"),
        < 0 => throw FunctionErrors.Invalid("character number must be positive"),
        > 0x10FFFF => throw FunctionErrors.LimitExceeded($"requested character too large for encoding: {codePoint}"),
        >= 0xD800 and <= 0xDFFF => throw FunctionErrors.LimitExceeded($"requested character not valid for encoding: {codePoint}"),
        _ => char.ConvertFromUtf32(codePoint),
    };

    static NormalizationForm FormOf(string name) => name.ToUpperInvariant() switch
    {
        "NFC" => NormalizationForm.FormC,
        "NFD" => NormalizationForm.FormD,
        "NFKC" => NormalizationForm.FormKC,
        "NFKD" => NormalizationForm.FormKD,
        _ => throw FunctionErrors.Invalid($"invalid normalization form: {name}"),
    };

    /// <summary>\XXXX, \+XXXXXX, \uXXXX, \UXXXXXXXX and \\.</summary>
    static string Unistr(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }

            var rest = text.AsSpan(i + 1);
            if (rest.StartsWith("\\"))
            {
                result.Append('\\');
                i++;
                continue;
            }

            var (skip, digits) = rest.Length == 0 ? (0, 0) : rest[0] switch { '+' => (1, 6), 'u' => (1, 4), 'U' => (1, 8), _ => (0, 4) };
            if (digits == 0 || rest.Length < skip + digits || !int.TryParse(rest.Slice(skip, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code))
                throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape") { Hint = "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX." };
            if (code is 0 or > 0x10FFFF)
                throw FunctionErrors.Invalid($"invalid Unicode code point: {code:X4}");
            if (code < 0x10000)
                result.Append((char)code);
            else
                result.Append(char.ConvertFromUtf32(code));
            i += skip + digits;
        }

        var joined = result.ToString();
        foreach (var rune in joined.EnumerateRunes())
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD', StringComparison.Ordinal) && !text.Contains("FFFD", StringComparison.OrdinalIgnoreCase))
                throw FunctionErrors.Invalid("invalid Unicode surrogate pair");
        return joined;
    }
}
