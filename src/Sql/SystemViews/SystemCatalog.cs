using System.Diagnostics.CodeAnalysis;
using Chitin.Catalog;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.SystemViews;

/// <summary>All computed tables: pg_catalog, information_schema and what is there of crdb_internal. Immutable once made; shared by all sessions.</summary>
public sealed class SystemCatalog : IVirtualTableRegistry
{
    internal const string PgCatalog = "pg_catalog";
    internal const string InformationSchema = "information_schema";
    internal const string CrdbInternal = "crdb_internal";
    internal const string System = "system";

    private readonly Dictionary<(string Schema, string Name), SystemTable> _byName = [];
    private readonly Dictionary<uint, SystemTable> _byId = [];

    private SystemCatalog()
    {
        Declare(PgCatalog, Shapes.Tables);
        Declare(PgCatalog, Shapes.Views);
        Declare(InformationSchema, Shapes.InformationSchema);
        Declare(InformationSchema, Shapes.Cockroach);
        Declare(System, Shapes.System);
        SystemViews.PgCatalog.Relations.Register(this);
        SystemViews.PgCatalog.Attributes.Register(this);
        SystemViews.PgCatalog.Constraints.Register(this);
        SystemViews.PgCatalog.Dependencies.Register(this);
        SystemViews.PgCatalog.Databases.Register(this);
        SystemViews.PgCatalog.Roles.Register(this);
        SystemViews.PgCatalog.Types.Register(this);
        SystemViews.PgCatalog.Functions.Register(this);
        SystemViews.PgCatalog.AccessMethods.Register(this);
        SystemViews.PgCatalog.Descriptions.Register(this);
        SystemViews.PgCatalog.RelationViews.Register(this);
        SystemViews.PgCatalog.Policies.Register(this);
        SystemViews.PgCatalog.Statistics.Register(this);
        SystemViews.PgCatalog.Activity.Register(this);
        SystemViews.InformationSchema.Tables.Register(this);
        SystemViews.InformationSchema.Constraints.Register(this);
        SystemViews.InformationSchema.Privileges.Register(this);
        SystemViews.InformationSchema.Routines.Register(this);
        CockroachSystem.SystemTables.Register(this);
    }

    public static SystemCatalog Instance { get; } = new();

    /// <summary>All tables as schema.name.</summary>
    public IEnumerable<string> Names => _byId.Values.Select(t => $"{t.Schema}.{t.Name}");

    internal IEnumerable<SystemTable> All => _byId.Values;

    public bool IsVirtualSchema(string schema) => schema is PgCatalog or InformationSchema or CrdbInternal or System;

    /// <summary>The tables of "system" show roles, rights and settings of everybody (SECURITY-SPEC 3.3).</summary>
    public Privilege RequiredPrivilege(IVirtualTable table) => table.Schema == System ? Privilege.ViewSystemTable : Privilege.None;

    public bool TryGet(string schema, string name, [NotNullWhen(true)] out IVirtualTable? table)
    {
        var found = _byName.TryGetValue((schema, name), out var system);
        table = system;
        return found;
    }

    internal bool TryGet(uint id, [NotNullWhen(true)] out SystemTable? table) => _byId.TryGetValue(id, out table);

    internal SystemTable this[string pgCatalogName] => _byName[(PgCatalog, pgCatalogName)];

    internal SystemTable SystemTable(string name) => _byName[(System, name)];

    internal SystemTable Information(string name) => _byName[(InformationSchema, name)];

    /// <summary>One table a line: its name, its OID, r or v, and its columns as name:type, with ! when NOT NULL.</summary>
    private void Declare(string schema, string shapes)
    {
        foreach (var line in shapes.Split('\n'))
        {
            var part = line.Split(' ');
            var table = new SystemTable(uint.Parse(part[1]), schema, part[0], part[2] == "v", [.. part.Skip(3).Select(Column)]);
            _byName.Add((schema, table.Name), table);
            _byId.Add(table.Id, table);
        }
    }

    private static SystemColumn Column(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var notNull = text.EndsWith('!');
        var type = text[(colon + 1)..(notNull ? ^1 : ^0)];
        // Types that exist for these columns alone (anyarray, pg_lsn, pg_ndistinct …) are shown as text.
        var known = type == "char" ? SqlTypes.Char : SqlTypes.TryGetByName(type) is { Category: not TypeCategory.Pseudo } found ? found : SqlTypes.Text;
        return new SystemColumn(text[..colon], known, notNull);
    }
}
