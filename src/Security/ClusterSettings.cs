using System.Globalization;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Security;

/// <summary>One setting of the whole server. Type is CockroachDB's letter: b, i, d. Bounds of a duration are in seconds.</summary>
public sealed record ClusterSetting(string Name, char Type, string Default, string Description, long Minimum = 0, long Maximum = 0);

/// <summary>
/// The cluster settings that exist (SECURITY-SPEC 10). Values that differ from the default are rows of the catalog; other rows there are the server's own and are never shown.
/// </summary>
public static class ClusterSettings
{
    public static readonly ClusterSetting MinimumPasswordLength = new("server.user_login.min_password_length", 'i', "1",
        "the minimum length accepted for passwords set in cleartext via SQL", 1, 128);

    public static readonly ClusterSetting ScramCost = new("server.user_login.password_hashes.default_cost.scram_sha_256", 'i', "10610",
        "the hashing cost to use when storing passwords supplied as cleartext by SQL clients with the hashing method scram-sha-256", 4096, 10_000_000);

    public static readonly ClusterSetting KeepsVerifiers = new("server.user_login.store_client_pre_hashed_passwords.enabled", 'b', "true",
        "whether the server accepts to store passwords pre-hashed by clients");

    public static readonly ClusterSetting ChangeOwnPassword = new("sql.auth.change_own_password.enabled", 'b', "false",
        "controls whether a user is allowed to change their own password, even if they have no other privileges");

    public static readonly ClusterSetting PublicSchemaCreate = new("sql.auth.public_schema_create_privilege.enabled", 'b', "true",
        "determines whether to grant all users the CREATE privileges on the public schema when it is created");

    /// <summary>How long old versions of rows, and what was dropped, can still be read with AS OF SYSTEM TIME; CockroachDB's gc.ttlseconds, with its default.</summary>
    public static readonly ClusterSetting HistoryTimeToLive = new("gc.ttl", 'd', "4h0m0s",
        "the time for which old versions of rows and dropped tables are kept", 1, 10L * 366 * 86400);

    public static ImmutableArray<ClusterSetting> All { get; } = [HistoryTimeToLive, MinimumPasswordLength, ScramCost, KeepsVerifiers, ChangeOwnPassword, PublicSchemaCreate];

    /// <summary>42704 for a name that is none.</summary>
    public static ClusterSetting Require(string name) => All.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new SqlException(SqlState.UndefinedObject, $"unknown cluster setting '{name}'");

    public static string Get(ClusterSetting setting, ICatalogSnapshot catalog) => catalog.ClusterSettings.TryGetValue(setting.Name, out var value) ? value : setting.Default;

    public static bool IsOn(ClusterSetting setting, ICatalogSnapshot catalog) => Get(setting, catalog) == "true";

    public static int Number(ClusterSetting setting, ICatalogSnapshot catalog) => int.Parse(Get(setting, catalog), CultureInfo.InvariantCulture);

    public static TimeSpan Duration(ClusterSetting setting, ICatalogSnapshot catalog) => TimeSpan.FromSeconds(Seconds(setting, Get(setting, catalog)));

    /// <summary>The value as it is stored: true, false or a number, or a duration as 4h0m0s; 22023 for anything else and for what is out of range.</summary>
    public static string Normalize(ClusterSetting setting, string text)
    {
        if (setting.Type == 'b')
        {
            return text.Trim().ToLowerInvariant() switch
            {
                "true" or "t" or "on" or "yes" or "1" => "true",
                "false" or "f" or "off" or "no" or "0" => "false",
                _ => throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{setting.Name}\" requires a Boolean value"),
            };
        }

        if (setting.Type == 'd')
        {
            var seconds = Seconds(setting, text);
            if (seconds < setting.Minimum || seconds > setting.Maximum)
                throw new SqlException(SqlState.InvalidParameterValue, $"{Text(seconds)} is outside the valid range for parameter \"{setting.Name}\" ({Text(setting.Minimum)} .. {Text(setting.Maximum)})");
            return Text(seconds);
        }

        if (!long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{setting.Name}\" requires an integer value");
        if (number < setting.Minimum || number > setting.Maximum)
            throw new SqlException(SqlState.InvalidParameterValue, $"{number} is outside the valid range for parameter \"{setting.Name}\" ({setting.Minimum} .. {setting.Maximum})");
        return number.ToString(CultureInfo.InvariantCulture);
    }
    /// <summary>Whole seconds of a duration as PostgreSQL reads an interval: 4h, 90m, 01:30:00, '2 days', 3600.</summary>
    private static long Seconds(ClusterSetting setting, string text)
    {
        SqlInterval interval;
        try
        {
            interval = SqlTypes.Interval.Parse(text, -1, FormatSettings.Default).As<SqlInterval>();
        }
        catch (SqlException)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{setting.Name}\" requires a duration value");
        }

        if (interval.Months != 0 || interval.Microseconds % 1_000_000 != 0)
            throw new SqlException(SqlState.InvalidParameterValue, $"parameter \"{setting.Name}\" requires a duration in whole seconds, without months");
        return (interval.Days * 86400L) + (interval.Microseconds / 1_000_000);
    }

    private static string Text(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s");
}
