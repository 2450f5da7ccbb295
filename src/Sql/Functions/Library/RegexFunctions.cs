using System.Text;
using System.Text.RegularExpressions;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.Library;

/// <summary>substring(text, pattern) and the regexp_ family (manual 9.7.3).</summary>
static class RegexFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Binary("substring(text, text) text", static (s, p, _) => Extract(s.AsString(), PgRegex.Get(p.AsString(), RegexFlags.None)));
        b.Scalar("substring(text, text, text) text", static (a, _) =>
            Extract(a[0].AsString(), PgRegex.Get(SimilarPattern.ToRegex(a[1].AsString(), a[2].AsString()), RegexFlags.None)));
        RegisterMatches(b);
        RegisterReplace(b);
        RegisterSplit(b);
        RegisterCounting(b);
    }

    static void RegisterMatches(RegistryBuilder b)
    {
        b.Scalar("regexp_match(text, text) text[]", static (a, _) => FirstMatch(a[0].AsString(), a[1].AsString(), ""));
        b.Scalar("regexp_match(text, text, text) text[]", static (a, _) => FirstMatch(a[0].AsString(), a[1].AsString(), a[2].AsString()));
        b.Table("regexp_matches(text, text) setof text[]", static (a, c) => Matches(a[0].AsString(), a[1].AsString(), "", c));
        b.Table("regexp_matches(text, text, text) setof text[]", static (a, c) => Matches(a[0].AsString(), a[1].AsString(), a[2].AsString(), c));
        b.Binary("regexp_like(text, text) bool", static (s, p, _) => Datum.FromBool(PgRegex.Get(p.AsString(), RegexFlags.None).IsMatch(s.AsString())));
        b.Scalar("regexp_like(text, text, text) bool", static (a, _) => Datum.FromBool(Compile(a[1], a[2], "regexp_like").IsMatch(a[0].AsString())));
    }

    static void RegisterReplace(RegistryBuilder b)
    {
        b.Scalar("regexp_replace(text, text, text) text", static (a, c) => Replace(a[0], PgRegex.Get(a[1].AsString(), RegexFlags.None), a[2], 1, 1, c));
        b.Scalar("regexp_replace(text, text, text, text) text", static (a, c) =>
        {
            var options = a[3].AsString();
            // A number here is the start argument of the newer form, given as text by mistake.
            if (options.Length > 0 && char.IsAsciiDigit(options[0]))
                throw FunctionErrors.Invalid($"invalid regular expression option: \"{options[0]}\"", "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.");
            var flags = PgRegex.ParseFlags(options, allowGlobal: true, "regexp_replace");
            return Replace(a[0], PgRegex.Get(a[1].AsString(), flags), a[2], 1, (flags & RegexFlags.Global) != 0 ? 0 : 1, c);
        });
        b.Scalar("regexp_replace(text, text, text, int4) text", static (a, c) => Replace(a[0], PgRegex.Get(a[1].AsString(), RegexFlags.None), a[2], Start(a[3]), 1, c));
        b.Scalar("regexp_replace(text, text, text, int4, int4) text", static (a, c) => Replace(a[0], PgRegex.Get(a[1].AsString(), RegexFlags.None), a[2], Start(a[3]), Occurrence(a[4], 0), c));
        b.Scalar("regexp_replace(text, text, text, int4, int4, text) text", static (a, c) =>
            Replace(a[0], PgRegex.Get(a[1].AsString(), PgRegex.ParseFlags(a[5].AsString(), allowGlobal: true, "regexp_replace")), a[2], Start(a[3]), Occurrence(a[4], 0), c));
    }

    static void RegisterSplit(RegistryBuilder b)
    {
        b.Scalar("regexp_split_to_array(text, text) text[]", static (a, c) => ArrayAccess.OfTexts([.. Split(a[0].AsString(), PgRegex.Get(a[1].AsString(), RegexFlags.None), c)]));
        b.Scalar("regexp_split_to_array(text, text, text) text[]", static (a, c) => ArrayAccess.OfTexts([.. Split(a[0].AsString(), Compile(a[1], a[2], "regexp_split_to_array"), c)]));
        b.Table("regexp_split_to_table(text, text) setof text", static (a, c) => Rows(Split(a[0].AsString(), PgRegex.Get(a[1].AsString(), RegexFlags.None), c)));
        b.Table("regexp_split_to_table(text, text, text) setof text", static (a, c) => Rows(Split(a[0].AsString(), Compile(a[1], a[2], "regexp_split_to_table"), c)));
    }

    static void RegisterCounting(RegistryBuilder b)
    {
        foreach (var tail in (string[])["", ", int4", ", int4, text"])
            b.Scalar($"regexp_count(text, text{tail}) int4", static (a, c) =>
                Datum.FromInt64(All(a[0].AsString(), a.Length > 3 ? Compile(a[1], a[3], "regexp_count") : PgRegex.Get(a[1].AsString(), RegexFlags.None), a.Length > 2 ? Start(a[2]) : 1, c).Count()));
        foreach (var tail in (string[])["", ", int4", ", int4, int4", ", int4, int4, int4", ", int4, int4, int4, text", ", int4, int4, int4, text, int4"])
            b.Scalar($"regexp_instr(text, text{tail}) int4", static (a, c) => InString(a, c));
        foreach (var tail in (string[])["", ", int4", ", int4, int4", ", int4, int4, text", ", int4, int4, text, int4"])
            b.Scalar($"regexp_substr(text, text{tail}) text", static (a, c) => SubString(a, c));
    }

    static PgRegex Compile(Datum pattern, Datum flags, string function) => PgRegex.Get(pattern.AsString(), PgRegex.ParseFlags(flags.AsString(), allowGlobal: false, function));

    static int Start(Datum value) => value.AsInt32() > 0 ? value.AsInt32() : throw FunctionErrors.Invalid($"invalid value for parameter \"start\": {value.AsInt32()}");

    static int Occurrence(Datum value, int least) => value.AsInt32() >= least ? value.AsInt32() : throw FunctionErrors.Invalid($"invalid value for parameter \"n\": {value.AsInt32()}");

    static Datum GroupOf(Match match, int group) => match.Groups[group].Success ? Datum.FromString(match.Groups[group].Value) : Datum.Null;

    /// <summary>The first group when the pattern has one, else the whole match.</summary>
    static Datum Extract(string text, PgRegex regex)
    {
        var match = regex.Match(text, 0);
        return match.Success ? GroupOf(match, regex.GroupCount > 0 ? 1 : 0) : Datum.Null;
    }

    static Datum Groups(Match match, PgRegex regex)
    {
        if (regex.GroupCount == 0)
            return ArrayAccess.Of(SqlTypes.Text, [Datum.FromString(match.Value)]);
        var groups = new Datum[regex.GroupCount];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = GroupOf(match, i + 1);
        return ArrayAccess.Of(SqlTypes.Text, groups);
    }

    static Datum FirstMatch(string text, string pattern, string flags)
    {
        var regex = PgRegex.Get(pattern, PgRegex.ParseFlags(flags, allowGlobal: false, "regexp_match"));
        var match = regex.Match(text, 0);
        return match.Success ? Groups(match, regex) : Datum.Null;
    }

    static IEnumerable<Datum[]> Matches(string text, string pattern, string options, EvaluationContext context)
    {
        var flags = PgRegex.ParseFlags(options, allowGlobal: true, "regexp_matches");
        var regex = PgRegex.Get(pattern, flags);
        return All(text, regex, 1, context).Take((flags & RegexFlags.Global) != 0 ? int.MaxValue : 1).Select(m => new[] { Groups(m, regex) });
    }

    /// <summary>All matches from a one-based character on; after an empty match the next one may begin where it stood only if it is longer, so the search moves on.</summary>
    static IEnumerable<Match> All(string text, PgRegex regex, int start, EvaluationContext context)
    {
        var from = CodePoints.Offset(text, start - 1L);
        if (start - 1L > text.Length)
            yield break;
        for (var match = regex.Match(text, from); match.Success; match = regex.Next(text, match))
        {
            context.CheckInterrupts();
            yield return match;
        }
    }

    /// <summary>Occurrence 0 replaces all.</summary>
    static Datum Replace(Datum source, PgRegex regex, Datum replacement, int start, int occurrence, EvaluationContext context)
    {
        var text = source.AsString();
        var with = replacement.AsString();
        StringBuilder? result = null;
        var copied = 0;
        var number = 0;
        foreach (var match in All(text, regex, start, context))
        {
            if (++number < occurrence)
                continue;
            result ??= new StringBuilder(text.Length + 16);
            result.Append(text, copied, match.Index - copied);
            AppendReplacement(result, with, match);
            copied = match.Index + match.Length;
            TextLimits.Check(result.Length);
            if (occurrence > 0)
                break;
        }

        return result is null ? source : Datum.FromString(result.Append(text, copied, text.Length - copied).ToString());
    }

    /// <summary>\1 … \9 are groups, \&amp; the match, \\ a backslash.</summary>
    static void AppendReplacement(StringBuilder result, string with, Match match)
    {
        for (var i = 0; i < with.Length; i++)
        {
            if (with[i] != '\\' || i + 1 == with.Length)
            {
                result.Append(with[i]);
                continue;
            }

            var c = with[++i];
            if (char.IsAsciiDigit(c) && c != '0')
                result.Append(match.Groups[c - '0'].ValueSpan);
            else if (c == '&')
                result.Append(match.ValueSpan);
            else if (c == '\\')
                result.Append('\\');
            else
                result.Append('\\').Append(c);
        }
    }

    /// <summary>Empty matches at the ends and next to another match split nothing.</summary>
    static IEnumerable<string> Split(string text, PgRegex regex, EvaluationContext context)
    {
        var start = 0;
        foreach (var match in All(text, regex, 1, context))
        {
            if (match.Length == 0 && (match.Index == start || match.Index >= text.Length))
            {
                if (match.Index == 0 || match.Index >= text.Length || match.Index == start)
                    continue;
            }

            yield return text[start..match.Index];
            start = match.Index + match.Length;
        }

        yield return text[start..];
    }

    static IEnumerable<Datum[]> Rows(IEnumerable<string> texts) => texts.Select(t => new[] { Datum.FromString(t) });

    static Datum InString(ReadOnlySpan<Datum> a, EvaluationContext context)
    {
        var text = a[0].AsString();
        var start = a.Length > 2 ? Start(a[2]) : 1;
        var n = a.Length > 3 ? Occurrence(a[3], 1) : 1;
        var atEnd = a.Length > 4 ? a[4].AsInt32() : 0;
        if (atEnd is not (0 or 1))
            throw FunctionErrors.Invalid($"invalid value for parameter \"endoption\": {atEnd}");
        var regex = a.Length > 5 ? Compile(a[1], a[5], "regexp_instr") : PgRegex.Get(a[1].AsString(), RegexFlags.None);
        var group = a.Length > 6 ? Subexpression(a[6]) : 0;
        var match = All(text, regex, start, context).Skip(n - 1).FirstOrDefault();
        if (match is null || group > regex.GroupCount || !match.Groups[group].Success)
            return Datum.FromInt64(0);
        var found = match.Groups[group];
        return Datum.FromInt64(CodePoints.Count(text.AsSpan(0, found.Index + (atEnd == 1 ? found.Length : 0))) + 1);
    }

    static Datum SubString(ReadOnlySpan<Datum> a, EvaluationContext context)
    {
        var start = a.Length > 2 ? Start(a[2]) : 1;
        var n = a.Length > 3 ? Occurrence(a[3], 1) : 1;
        var regex = a.Length > 4 ? Compile(a[1], a[4], "regexp_substr") : PgRegex.Get(a[1].AsString(), RegexFlags.None);
        var group = a.Length > 5 ? Subexpression(a[5]) : 0;
        var match = All(a[0].AsString(), regex, start, context).Skip(n - 1).FirstOrDefault();
        return match is null || group > regex.GroupCount ? Datum.Null : GroupOf(match, group);
    }

    static int Subexpression(Datum value) => value.AsInt32() >= 0 ? value.AsInt32() : throw FunctionErrors.Invalid($"invalid value for parameter \"subexpr\": {value.AsInt32()}");
}
