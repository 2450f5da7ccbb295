using System.Globalization;
using Chitin.Catalog;
using Chitin.Core;

namespace Chitin.Security.Authorization;

/// <summary>The options of CREATE and ALTER ROLE, understood. Holds a password for as long as the statement runs and never shows it.</summary>
public sealed class RoleOptionChanges
{
    static readonly Dictionary<string, RoleOptions> s_flags = new(StringComparer.Ordinal)
    {
        ["LOGIN"] = RoleOptions.Login,
        ["CREATEROLE"] = RoleOptions.CreateRole,
        ["CREATEDB"] = RoleOptions.CreateDb,
        ["CREATELOGIN"] = RoleOptions.CreateLogin,
        ["CONTROLJOB"] = RoleOptions.ControlJob,
        ["REPLICATION"] = RoleOptions.Replication,
        ["BYPASSRLS"] = RoleOptions.BypassRls,
        ["MODIFYCLUSTERSETTING"] = RoleOptions.ModifyClusterSetting,
        ["CANCELQUERY"] = RoleOptions.CancelQuery,
        ["CONTROLCHANGEFEED"] = RoleOptions.ControlChangefeed,
        ["VIEWACTIVITY"] = RoleOptions.ViewActivity,
        ["VIEWACTIVITYREDACTED"] = RoleOptions.ViewActivityRedacted,
        ["VIEWCLUSTERSETTING"] = RoleOptions.ViewClusterSetting,
    };

    public RoleOptions Set { get; private set; }

    public RoleOptions Clear { get; private set; }

    /// <summary>PASSWORD was named; <see cref="Password"/> null then means PASSWORD NULL.</summary>
    public bool SetsPassword { get; private set; }

    public string? Password { get; private set; }

    public bool ValidUntilChanges { get; private set; }

    /// <summary>Null takes the limit away.</summary>
    public DateTimeOffset? ValidUntil { get; private set; }

    public string? Subject { get; private set; }

    public int? ConnectionLimit { get; private set; }

    /// <summary>SUPERUSER: PostgreSQL's word for membership in admin; true grants it, false takes it, null leaves it.</summary>
    public bool? Superuser { get; private set; }

    public bool IsPasswordOnly => SetsPassword && Set == RoleOptions.None && Clear == RoleOptions.None && !ValidUntilChanges && Subject is null && ConnectionLimit is null && Superuser is null;

    /// <summary>
    /// Options as (NAME, value, is NULL). 42601 for unknown, repeated and contradictory ones. IN ROLE, ROLE, ADMIN and USER name other roles and are the caller's.
    /// </summary>
    /// <param name="parseTimestamp">Reads the text of VALID UNTIL as a timestamptz.</param>
    public static RoleOptionChanges Parse(IEnumerable<(string Name, string? Value, bool IsNull)> options, Func<string, DateTimeOffset?> parseTimestamp)
    {
        var changes = new RoleOptionChanges();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value, isNull) in options)
        {
            if (!seen.Add(name))
                throw new SqlException(SqlState.SyntaxError, "redundant role options");
            if (seen.Contains(name.StartsWith("NO", StringComparison.Ordinal) ? name[2..] : "NO" + name))
                throw new SqlException(SqlState.SyntaxError, "conflicting role options");
            changes.Apply(name, value, isNull, parseTimestamp);
        }

        return changes;
    }

    /// <summary>Whether a word is an option: GRANT of one is a frequent mistake.</summary>
    public static bool IsOption(string word)
    {
        var name = word.ToUpperInvariant();
        return s_flags.ContainsKey(name) || (name.StartsWith("NO", StringComparison.Ordinal) && s_flags.ContainsKey(name[2..]));
    }

    public RoleOptions ApplyTo(RoleOptions options) => (options | Set) & ~Clear;

    /// <summary>CREATE USER: LOGIN without the word.</summary>
    public void AllowLogin() => Set |= RoleOptions.Login;

    public override string ToString() => "role options";

    void Apply(string name, string? value, bool isNull, Func<string, DateTimeOffset?> parseTimestamp)
    {
        switch (name)
        {
            case "PASSWORD" or "ENCRYPTED PASSWORD":
                SetsPassword = true;
                Password = isNull ? null : value;
                break;
            case "NOSQLLOGIN":
                Set |= RoleOptions.NoSqlLogin;
                break;
            case "SQLLOGIN":
                Clear |= RoleOptions.NoSqlLogin;
                break;
            case "INHERIT":
                Clear |= RoleOptions.NoInherit;
                break;
            case "NOINHERIT":
                throw new SqlException(SqlState.FeatureNotSupported, "NOINHERIT is not supported") { Hint = "Roles always inherit the privileges of the roles that they are members of." };
            case "SUPERUSER":
                Superuser = true;
                break;
            case "NOSUPERUSER":
                Superuser = false;
                break;
            case "VALID UNTIL":
                ValidUntilChanges = true;
                ValidUntil = isNull || value is null ? null : parseTimestamp(value);
                break;
            case "SUBJECT":
                Subject = isNull ? "" : value;
                break;
            case "CONNECTION LIMIT":
                ConnectionLimit = int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) && limit >= -1
                    ? limit
                    : throw new SqlException(SqlState.InvalidParameterValue, $"invalid connection limit: {value}");
                break;
            default:
                if (s_flags.TryGetValue(name, out var set))
                    Set |= set;
                else if (name.StartsWith("NO", StringComparison.Ordinal) && s_flags.TryGetValue(name[2..], out var clear))
                    Clear |= clear;
                else
                    throw new SqlException(SqlState.SyntaxError, $"unrecognized role option {name.ToLowerInvariant()}");
                break;
        }
    }
}
