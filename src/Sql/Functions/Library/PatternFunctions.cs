using Chitin.Core;
using Chitin.Sql.Functions.Patterns;

namespace Chitin.Sql.Functions.Library;

/// <summary>LIKE, ILIKE, SIMILAR TO and POSIX matching as operators (manual 9.7). The escape forms are bound as operator(x, like_escape(pattern, escape)).</summary>
static class PatternFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        foreach (var type in (string[])["text", "name", "bpchar"])
        {
            b.Operator($"{type} ~~ text bool", static (s, p, _) => Datum.FromBool(LikePattern.Matches(s.AsString(), p.AsString(), ignoreCase: false)));
            b.Operator($"{type} !~~ text bool", static (s, p, _) => Datum.FromBool(!LikePattern.Matches(s.AsString(), p.AsString(), ignoreCase: false)));
            b.Operator($"{type} ~~* text bool", static (s, p, _) => Datum.FromBool(LikePattern.Matches(s.AsString(), p.AsString(), ignoreCase: true)));
            b.Operator($"{type} !~~* text bool", static (s, p, _) => Datum.FromBool(!LikePattern.Matches(s.AsString(), p.AsString(), ignoreCase: true)));
            b.Operator($"{type} ~ text bool", static (s, p, _) => Datum.FromBool(PgRegex.Get(p.AsString(), RegexFlags.None).IsMatch(s.AsString())));
            b.Operator($"{type} !~ text bool", static (s, p, _) => Datum.FromBool(!PgRegex.Get(p.AsString(), RegexFlags.None).IsMatch(s.AsString())));
            b.Operator($"{type} ~* text bool", static (s, p, _) => Datum.FromBool(PgRegex.Get(p.AsString(), RegexFlags.IgnoreCase).IsMatch(s.AsString())));
            b.Operator($"{type} !~* text bool", static (s, p, _) => Datum.FromBool(!PgRegex.Get(p.AsString(), RegexFlags.IgnoreCase).IsMatch(s.AsString())));
        }

        // Bytes are matched as the characters U+0000 to U+00FF.
        b.Operator("bytea ~~ bytea bool", static (s, p, _) => Datum.FromBool(LikePattern.Matches(Latin(s), Latin(p), ignoreCase: false)));
        b.Operator("bytea !~~ bytea bool", static (s, p, _) => Datum.FromBool(!LikePattern.Matches(Latin(s), Latin(p), ignoreCase: false)));
        b.Binary("like(text, text) bool", static (s, p, _) => Datum.FromBool(LikePattern.Matches(s.AsString(), p.AsString(), ignoreCase: false)));
        b.Binary("notlike(text, text) bool", static (s, p, _) => Datum.FromBool(!LikePattern.Matches(s.AsString(), p.AsString(), ignoreCase: false)));
        b.Binary("like_escape(text, text) text", static (p, e, _) => Datum.FromString(LikePattern.ReplaceEscape(p.AsString(), e.AsString())));
        b.Binary("like_escape(bytea, bytea) bytea", static (p, e, _) =>
            Datum.FromBytes(System.Text.Encoding.Latin1.GetBytes(LikePattern.ReplaceEscape(Latin(p), Latin(e)))));
        b.Unary("similar_to_escape(text) text", static (p, _) => Datum.FromString(SimilarPattern.ToRegex(p.AsString(), null)));
        b.Binary("similar_to_escape(text, text) text", static (p, e, _) => Datum.FromString(SimilarPattern.ToRegex(p.AsString(), e.AsString())));
        b.Binary("similar_escape(text, text) text called", static (p, e, _) =>
            p.IsNull ? Datum.Null : Datum.FromString(SimilarPattern.ToRegex(p.AsString(), e.IsNull ? null : e.AsString())));
    }

    static string Latin(Datum bytes) => System.Text.Encoding.Latin1.GetString(bytes.AsBytes());
}
