using System.Globalization;
using Chitin.Core;
using Chitin.Sessions.Settings;
using Chitin.Sql.Functions;

namespace Chitin.Sessions;

/// <summary>Sessions, settings, prepared statements and cursors as catalog views show them.</summary>
public sealed partial class Session : ISessionInspection
{
    ISessionInspection? ISessionServices.Inspection => this;

    IEnumerable<BackendActivity> ISessionInspection.Backends => _host.Registry.Sessions.Select(s => s.Activity()).Select(a => new BackendActivity(
        a.ProcessId, a.Database, a.Principal.SessionUser, a.Principal.SessionUserName, a.ApplicationName, a.ClientAddress, a.ClientPort, a.BackendStart, a.TransactionStart, a.QueryStart, a.State, a.Query,
        a.UsesTls));

    IEnumerable<SettingFacts> ISessionInspection.SettingFacts => SettingTable.All.Select(d =>
    {
        var current = Settings[d];
        var initial = SettingParser.Parse(d, d.Default);
        var isNumber = d.Kind is SettingKind.Integer;
        return new SettingFacts(
            d.Name, InBaseUnit(d, current), d.Unit switch { SettingUnit.Milliseconds => "ms", SettingUnit.Seconds => "s", SettingUnit.Kilobytes => "kB", _ => null }, d.Description, d.IsReadOnly,
            d.Kind switch { SettingKind.Bool => "bool", SettingKind.Integer => "integer", SettingKind.Real => "real", SettingKind.Enum => "enum", _ => "string" },
            isNumber ? d.Minimum : null, isNumber ? d.Maximum : null, d.Choices, InBaseUnit(d, initial), d.IsReadOnly || current.Text == initial.Text);
    });

    IEnumerable<PreparedStatementFacts> ISessionInspection.PreparedStatementFacts =>
        _named.Values.Select(n => new PreparedStatementFacts(n.Name, n.Statement.Text, n.PreparedAt, n.Statement.ParameterTypes, n.FromSql));

    IEnumerable<CursorFacts> ISessionInspection.CursorFacts => _cursors.Values.Select(c => new CursorFacts(c.Name, c.Statement.Text, c.WithHold, c.CanScroll, c.CreatedAt));

    IEnumerable<string> ISessionInspection.Channels => _channels.Order(StringComparer.Ordinal);

    private static string InBaseUnit(SettingDefinition definition, SettingValue value) =>
        definition.Kind == SettingKind.Integer ? value.Number.ToString(CultureInfo.InvariantCulture) : value.Text;
}
