using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_stat_activity, pg_settings, pg_prepared_statements, pg_cursors, time zones: what sessions are and do.</summary>
internal static class Activity
{
    private const string NotAllowed = "<insufficient privilege>";

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_stat_activity"].From(static c => Backends(c).Select(b => Session(c, b)), 20);
        catalog["pg_stat_ssl"].From(static c => Backends(c).Where(b => MaySee(c, b)).Select(b => Cells.Row(b.ProcessId, b.UsesTls, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null)), 20);
        catalog["pg_stat_gssapi"].From(static c => Backends(c).Select(b => Cells.Row(b.ProcessId, false, Cell.Null, false)), 20);
        catalog["pg_settings"].From(static c => Settings(c).Select(Setting), 150).By("name", static (c, key) => Settings(c).Where(s => s.Name == key.AsString()).Select(Setting));
        catalog["pg_prepared_statements"].From(static c => (c.Session.Inspection?.PreparedStatementFacts ?? []).Select(p => Cells.Row(
            p.Name, p.Text, (DateTimeOffset?)p.PreparedAt, Cells.Numbers(SqlTypes.RegType, p.ParameterTypes.Select(t => (long)t.Oid)), p.FromSql, 0, 0)), 5);
        catalog["pg_cursors"].From(static c => (c.Session.Inspection?.CursorFacts ?? []).Select(x => Cells.Row(
            x.Name, x.Text, x.WithHold, false, x.CanScroll, (DateTimeOffset?)x.CreatedAt)), 5);
        catalog["pg_timezone_names"].From(static c => CatalogRowFunctions.ZoneRows(c.Evaluation), 500);
    }

    internal static IEnumerable<BackendActivity> Backends(SystemContext c) => c.Session.Inspection?.Backends ?? [];

    private static IEnumerable<SettingFacts> Settings(SystemContext c) => c.Session.Inspection?.SettingFacts ?? [];

    /// <summary>One's own sessions, those of roles one belongs to, and with VIEWACTIVITY or VIEWACTIVITYREDACTED all (SECURITY-SPEC 4.4).</summary>
    internal static bool MaySee(SystemContext c, BackendActivity b) => c.IsAdmin || c.IsMember(b.User)
        || c.Session.Gate.HasSystemPrivilege(c.User, Privilege.ViewActivity, c.Catalog) || c.Session.Gate.HasSystemPrivilege(c.User, Privilege.ViewActivityRedacted, c.Catalog);

    /// <summary>The statement without secrets; its constants are hidden from those who hold only VIEWACTIVITYREDACTED, and CockroachDB lets that win over VIEWACTIVITY.</summary>
    internal static string QueryFor(SystemContext c, BackendActivity b)
    {
        var isRedacted = !c.IsAdmin && !c.IsMember(b.User) && c.Session.Gate.HasSystemPrivilege(c.User, Privilege.ViewActivityRedacted, c.Catalog);
        return isRedacted ? SqlText.RedactLiterals(b.Query) : SqlText.HideSecrets(b.Query);
    }

    private static Datum[] Session(SystemContext c, BackendActivity b) => MaySee(c, b)
        ? Cells.Row(
            b.Database.Id, b.Database.Name, b.ProcessId, Cell.Null, b.User, b.UserName, b.ApplicationName, b.ClientAddress, Cell.Null, b.ClientAddress is null ? -1 : b.ClientPort,
            (DateTimeOffset?)b.BackendStart, b.TransactionStart, (DateTimeOffset?)b.QueryStart, (DateTimeOffset?)b.QueryStart, b.State == "active" ? null : "Client", b.State == "active" ? null : "ClientRead",
            b.State, Cell.Null, Cell.Null, Cell.Null, QueryFor(c, b), "client backend")
        : Cells.Row(
            b.Database.Id, b.Database.Name, b.ProcessId, Cell.Null, b.User, b.UserName, b.ApplicationName, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null, Cell.Null,
            Cell.Null, Cell.Null, Cell.Null, Cell.Null, NotAllowed, Cell.Null);

    private static Datum[] Setting(SettingFacts s) => Cells.Row(
        s.Name, s.Setting, s.Unit, s.IsReadOnly ? "Preset Options" : "Client Connection Defaults", s.Description, Cell.Null, s.IsReadOnly ? "internal" : "user", s.Type, s.IsDefault ? "default" : "session",
        InformationSchema.Tables.Number(s.Minimum), InformationSchema.Tables.Number(s.Maximum), s.Choices.IsEmpty ? Datum.Null : Cells.Texts(SqlTypes.Text, s.Choices), s.Default, s.Default, Cell.Null,
        Cell.Null, false);
}
