using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Functions that catalog queries of tools use: keywords, zones, options, access lists, properties of indexes.</summary>
static class CatalogRowFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        b.Table("pg_get_keywords() setof (word text, catcode char, barelabel bool, catdesc text, baredesc text) stable", static (_, _) => KeywordList.Rows());
        b.Table("pg_timezone_names() setof (name text, abbrev text, utc_offset interval, is_dst bool) stable", static (_, c) => ZoneRows(c));
        b.Table("pg_options_to_table(options_array text[]) setof (option_name text, option_value text) stable", static (a, _) => ArrayAccess.A(a[0]).Elements.Where(e => !e.IsNull).Select(e =>
        {
            var equals = e.AsString().IndexOf('=', StringComparison.Ordinal);
            return new[] { Datum.FromString(equals < 0 ? e.AsString() : e.AsString()[..equals]), equals < 0 ? Datum.Null : Datum.FromString(e.AsString()[(equals + 1)..]) };
        }));
        b.Table("aclexplode(acl aclitem[]) setof (grantor oid, grantee oid, privilege_type text, is_grantable bool) stable", static (a, c) => Explode(ArrayAccess.A(a[0]), CatalogSearch.Session(c)));
        b.Binary("acldefault(char, oid) aclitem[] stable", static (kind, owner, c) => DefaultAcl((char)kind.AsInt64(), owner.AsOid(), CatalogSearch.Session(c)));
        b.Scalar("pg_index_column_has_property(regclass, int4, text) bool stable", static (a, c) => ColumnProperty(CatalogSearch.Session(c), a[0].AsOid(), a[1].AsInt32(), a[2].AsString()));
        b.Binary("pg_index_has_property(regclass, text) bool stable", static (_, name, _) => name.AsString().ToLowerInvariant() switch
        {
            "clusterable" or "index_scan" or "backward_scan" => Datum.True,
            "bitmap_scan" => Datum.False,
            _ => Datum.Null,
        });
        b.Binary("pg_indexam_has_property(oid, text) bool stable", static (_, name, _) => name.AsString().ToLowerInvariant() switch
        {
            "can_order" or "can_unique" or "can_multi_col" or "can_include" => Datum.True,
            "can_exclude" => Datum.False,
            _ => Datum.Null,
        });
    }

    internal static IEnumerable<Datum[]> ZoneRows(EvaluationContext context)
    {
        var now = context.StatementTimestamp;
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
        {
            context.CheckInterrupts();
            var offset = SqlDateTime.OffsetAt(zone, now);
            yield return
            [
                Datum.FromString(zone.Id), Datum.FromString(SqlDateTime.Abbreviation(zone, now)), Datum.FromObject(new SqlInterval(0, 0, offset * SqlDateTime.MicrosecondsPerSecond)),
                Datum.FromBool(offset != (int)zone.BaseUtcOffset.TotalSeconds),
            ];
        }
    }

    static readonly (char Letter, string Name)[] s_letters =
    [
        ('a', "INSERT"), ('r', "SELECT"), ('w', "UPDATE"), ('d', "DELETE"), ('D', "TRUNCATE"), ('x', "REFERENCES"), ('t', "TRIGGER"), ('X', "EXECUTE"), ('U', "USAGE"), ('C', "CREATE"),
        ('T', "TEMPORARY"), ('c', "CONNECT"), ('s', "SET"), ('A', "ALTER SYSTEM"), ('m', "MAINTAIN"),
    ];

    /// <summary>grantee=letters/grantor, a star after a letter for its grant option.</summary>
    static IEnumerable<Datum[]> Explode(SqlArray acl, ISessionServices session)
    {
        foreach (var item in acl.Elements)
        {
            if (item.IsNull)
                throw FunctionErrors.NullNotAllowed("ACL arrays must not contain null values");
            var text = item.AsString();
            var slash = text.LastIndexOf('/');
            var equals = text.LastIndexOf('=', slash < 0 ? text.Length - 1 : slash);
            if (slash < 0 || equals < 0)
                continue;
            var grantee = equals == 0 ? 0 : RoleOf(session, text[..equals]);
            var grantor = RoleOf(session, text[(slash + 1)..]);
            for (var i = equals + 1; i < slash; i++)
            {
                if (text[i] == '*')
                    continue;
                var name = Array.Find(s_letters, l => l.Letter == text[i]).Name;
                if (name is not null)
                    yield return [Datum.FromInt64(grantor), Datum.FromInt64(grantee), Datum.FromString(name), Datum.FromBool(i + 1 < slash && text[i + 1] == '*')];
            }
        }
    }

    /// <summary>The built-in rights on a kind of object (manual, table 5.2): the owner's, and PUBLIC's on databases, functions, languages and types.</summary>
    static Datum DefaultAcl(char kind, uint owner, ISessionServices session)
    {
        var (own, everyone) = kind switch
        {
            'c' => ("", ""),
            'r' => ("arwdDxt", ""),
            's' => ("rwU", ""),
            'd' => ("CTc", "Tc"),
            'f' => ("X", "X"),
            'l' or 'T' => ("U", "U"),
            'L' => ("rw", ""),
            'n' => ("UC", ""),
            'p' => ("sA", ""),
            't' => ("C", ""),
            'F' or 'S' => ("U", ""),
            _ => throw FunctionErrors.Invalid($"unrecognized object type abbreviation: {kind}"),
        };
        var name = session.Catalog.TryGet<RoleDescriptor>(owner, out var role) ? Syntax.SqlText.QuoteIdentifier(role.Name) : owner.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var items = new List<Datum>(2);
        if (everyone.Length > 0)
            items.Add(Datum.FromString($"={everyone}/{name}"));
        if (own.Length > 0)
            items.Add(Datum.FromString($"{name}={own}/{name}"));
        return ArrayAccess.Of(SqlTypes.AclItem, [.. items]);
    }

    static uint RoleOf(ISessionServices session, string name) =>
        session.Catalog.TryGetRole(QualifiedName.TryParse(name, strict: true) is [var single] ? single : name, out var role) ? role.Id : 0;

    static Datum ColumnProperty(ISessionServices session, uint indexId, int number, string property)
    {
        if (CatalogSearch.Index(session, indexId) is not var (_, index) || number < 1 || number > index.Parts.Length + index.Included.Length)
            return Datum.Null;
        var isKey = number <= index.Parts.Length;
        if (!isKey && property.ToLowerInvariant() is not ("returnable" or "asc" or "desc" or "nulls_first" or "nulls_last" or "orderable" or "distance_orderable" or "search_array" or "search_nulls"))
            return Datum.Null;
        var part = isKey ? index.Parts[number - 1] : null;
        return property.ToLowerInvariant() switch
        {
            "asc" => part is null ? Datum.Null : Datum.FromBool(!part.Descending),
            "desc" => part is null ? Datum.Null : Datum.FromBool(part.Descending),
            "nulls_first" => part is null ? Datum.Null : Datum.FromBool(part.NullsFirst),
            "nulls_last" => part is null ? Datum.Null : Datum.FromBool(!part.NullsFirst),
            "orderable" or "search_array" or "search_nulls" => Datum.FromBool(isKey),
            "distance_orderable" => Datum.False,
            "returnable" => Datum.True,
            _ => Datum.Null,
        };
    }
}
