using System.Numerics;
using System.Text;
using Chitin.Catalog;
using Chitin.Core;

namespace Chitin.Security.Authorization;

/// <summary>Privileges as words, as letters and by the kind of object that they may be granted on (SECURITY-SPEC 4.1).</summary>
public static class PrivilegeNames
{
    /// <summary>What GRANT SELECT (a) may name.</summary>
    public const Privilege ColumnPrivileges = Privilege.Select | Privilege.Insert | Privilege.Update | Privilege.References;

    const Privilege TablePrivileges = Privilege.Select | Privilege.Insert | Privilege.Update | Privilege.Delete | Privilege.Truncate | Privilege.References | Privilege.Trigger
        | Privilege.Create | Privilege.Drop | Privilege.Backup | Privilege.Changefeed | Privilege.ZoneConfig | Privilege.Maintain | Privilege.BypassRls;

    const Privilege SystemPrivileges = Privilege.Backup | Privilege.BypassRls | Privilege.CancelQuery | Privilege.Changefeed | Privilege.ControlJob | Privilege.CreateDb | Privilege.CreateLogin
        | Privilege.CreateRole | Privilege.ExternalConnection | Privilege.ExternalIoImplicitAccess | Privilege.ModifyClusterSetting | Privilege.ModifySqlClusterSetting | Privilege.NoSqlLogin
        | Privilege.RepairCluster | Privilege.Replication | Privilege.Restore | Privilege.ViewActivity | Privilege.ViewActivityRedacted | Privilege.ViewClusterMetadata
        | Privilege.ViewClusterSetting | Privilege.ViewDebug | Privilege.ViewJob | Privilege.ViewSystemTable;

    /// <summary>PostgreSQL's order (ACL_ALL_RIGHTS_STR of utils/acl.h).</summary>
    static readonly (Privilege Privilege, char Letter)[] s_letters =
    [
        (Privilege.Insert, 'a'), (Privilege.Select, 'r'), (Privilege.Update, 'w'), (Privilege.Delete, 'd'), (Privilege.Truncate, 'D'), (Privilege.References, 'x'),
        (Privilege.Trigger, 't'), (Privilege.Execute, 'X'), (Privilege.Usage, 'U'), (Privilege.Create, 'C'), (Privilege.Temporary, 'T'), (Privilege.Connect, 'c'), (Privilege.Maintain, 'm'),
    ];

    static readonly ImmutableSortedDictionary<string, Privilege> s_byName =
        Enum.GetValues<Privilege>().Where(p => p != Privilege.None).ToImmutableSortedDictionary(p => p.ToString().ToUpperInvariant(), p => p, StringComparer.Ordinal);

    /// <summary>The bits that ALL stands for on such an object.</summary>
    public static Privilege Valid(ObjectKind kind) => kind switch
    {
        ObjectKind.Database => Privilege.Connect | Privilege.Create | Privilege.Temporary | Privilege.Drop | Privilege.Backup | Privilege.Restore | Privilege.ZoneConfig,
        ObjectKind.Schema => Privilege.Create | Privilege.Usage,
        ObjectKind.Table or ObjectKind.View => TablePrivileges,
        ObjectKind.Sequence => Privilege.Usage | Privilege.Select | Privilege.Update | Privilege.Insert | Privilege.Delete | Privilege.Create | Privilege.Drop | Privilege.ZoneConfig,
        ObjectKind.Type => Privilege.Usage,
        ObjectKind.Function => Privilege.Execute,
        ObjectKind.System => SystemPrivileges,
        _ => Privilege.None,
    };

    /// <summary>What PostgreSQL itself knows on such an object: for aclitem texts and information_schema.</summary>
    public static Privilege ValidInPostgres(ObjectKind kind) => kind switch
    {
        ObjectKind.Table or ObjectKind.View => Privilege.Select | Privilege.Insert | Privilege.Update | Privilege.Delete | Privilege.Truncate | Privilege.References | Privilege.Trigger,
        ObjectKind.Sequence => Privilege.Usage | Privilege.Select | Privilege.Update,
        ObjectKind.Database => Privilege.Create | Privilege.Connect | Privilege.Temporary,
        _ => Valid(kind),
    };

    /// <summary>The bits with ALL written out.</summary>
    public static Privilege Expand(Privilege privileges, ObjectKind kind) =>
        (privileges & Privilege.All) != 0 ? (privileges & ~Privilege.All) | Valid(kind) : privileges;

    /// <summary>A privilege by its word in any case; TEMP is TEMPORARY; ALL and ALL PRIVILEGES give <see cref="Privilege.All"/>.</summary>
    public static bool TryParse(string word, out Privilege privilege) => s_byName.TryGetValue(word.Trim().ToUpperInvariant() switch
    {
        "TEMP" => "TEMPORARY",
        "ALL PRIVILEGES" => "ALL",
        var other => other,
    }, out privilege);

    /// <summary>A privilege that GRANT and REVOKE may name on such an object: else 42601 for an unknown word, 0LP01 for one that does not fit.</summary>
    public static Privilege RequireValid(string word, ObjectKind kind, bool onColumns = false)
    {
        if (!TryParse(word, out var privilege))
            throw new SqlException(SqlState.SyntaxError, $"unrecognized privilege type \"{word.ToLowerInvariant()}\"");
        var valid = onColumns ? ColumnPrivileges : Valid(kind);
        if (privilege != Privilege.All && (privilege & ~valid) != 0)
            throw new SqlException(SqlState.InvalidGrantOperation, $"invalid privilege type {word.ToUpperInvariant()} for {(onColumns ? "column" : Word(kind))}");
        return privilege;
    }

    /// <summary>The word of a single privilege, in upper case.</summary>
    public static string Name(Privilege single) => single.ToString().ToUpperInvariant();

    /// <summary>The words of all bits, sorted; the ALL bit is one word.</summary>
    public static ImmutableArray<string> Names(Privilege privileges) =>
        (privileges & Privilege.All) != 0 ? ["ALL"] : [.. Singles(privileges).Select(Name).Order(StringComparer.Ordinal)];

    public static IEnumerable<Privilege> Singles(Privilege privileges)
    {
        for (var rest = (ulong)privileges; rest != 0; rest &= rest - 1)
            yield return (Privilege)(1UL << BitOperations.TrailingZeroCount(rest));
    }

    /// <summary>relation, database, schema, type, function: the word of CockroachDB's messages.</summary>
    public static string WordInRefusal(ObjectKind kind) => kind switch
    {
        ObjectKind.Table or ObjectKind.View or ObjectKind.Sequence or ObjectKind.Index => "relation",
        _ => Word(kind),
    };

    /// <summary>The kind as CockroachDB names it; the system is "global".</summary>
    public static string Word(ObjectKind kind) => kind == ObjectKind.System ? "global" : kind.ToString().ToLowerInvariant();

    /// <summary>
    /// PostgreSQL's aclitem: grantee=letters/grantor, an asterisk behind each letter with grant option, an empty grantee for public. Privileges that
    /// PostgreSQL does not know are left out.
    /// </summary>
    public static string ToAclItem(AclEntry entry, ObjectKind kind, Func<uint, string> roleName)
    {
        var known = ValidInPostgres(kind) | (kind is ObjectKind.Table or ObjectKind.View ? Privilege.Maintain : Privilege.None);
        var privileges = (entry.Privileges & Privilege.All) != 0 ? ValidInPostgres(kind) : entry.Privileges & known;
        var options = (entry.GrantOptions & Privilege.All) != 0 ? ValidInPostgres(kind) : entry.GrantOptions & known;
        var text = new StringBuilder();
        if (entry.Grantee != RoleIds.Public)
            text.Append(QuoteRole(roleName(entry.Grantee)));
        text.Append('=');
        foreach (var (privilege, letter) in s_letters)
        {
            if ((privileges & privilege) == 0)
                continue;
            text.Append(letter);
            if ((options & privilege) != 0)
                text.Append('*');
        }

        return text.Append('/').Append(QuoteRole(roleName(entry.Grantor))).ToString();
    }

    static string QuoteRole(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
