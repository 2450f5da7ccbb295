using System.Text;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.Syntax;
using Chitin.Sql.SystemViews;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>SHOW CREATE, INDEXES, CONSTRAINTS, TYPES, SESSIONS: CockroachDB's columns, definitions in SQL that makes the object again.</summary>
internal static class ShowDefinitions
{
    public static IEnumerable<Datum[]> Create(IShowContext context, Descriptor target) => target switch
    {
        TableDescriptor table => [Cells.Row(table.Name, TableText(context, table))],
        ViewDescriptor view => [Cells.Row(view.Name, $"CREATE VIEW {Name(context, view)} ({Columns(view)}){(view.SecurityInvoker ? " WITH (security_invoker = true)" : "")} AS {view.Query}")],
        SequenceDescriptor sequence => [Cells.Row(sequence.Name, SequenceText(context, sequence))],
        DatabaseDescriptor database => [Cells.Row(database.Name, $"CREATE DATABASE {SqlText.QuoteIdentifier(database.Name)}")],
        SchemaDescriptor schema => [Cells.Row(schema.Name, $"CREATE SCHEMA {SqlText.QuoteIdentifier(schema.Name)}")],
        TypeDescriptor type => [Cells.Row(type.Name, TypeText(context, type))],
        _ => [],
    };

    /// <summary>All tables, views and sequences, schemas or types of the database that the user has any privilege on, in the order in which they were made.</summary>
    public static IEnumerable<Datum[]> CreateAll(IShowContext context, string kind)
    {
        var system = System(context);
        IEnumerable<Descriptor> targets = kind switch
        {
            "SCHEMAS" => system.Schemas.Where(s => s.Name is not ("pg_catalog" or "information_schema") && !s.Name.StartsWith("pg_temp", StringComparison.Ordinal)),
            "TYPES" => system.Types,
            _ => system.Relations.Where(r => r.TemporarySession is null && !(r is SequenceDescriptor s && system.IsIdentity(s))),
        };
        return targets.Where(system.MayAccess).OrderBy(t => t.Id).SelectMany(t => Create(context, t)).Select(row => new[] { Datum.FromString(row[1].AsString() + ";") });
    }

    /// <summary>Key parts, included columns, and behind a secondary index the primary key's columns that it holds anyway.</summary>
    public static IEnumerable<Datum[]> Indexes(TableDescriptor table)
    {
        foreach (var index in SystemContext.Indexes(table))
        {
            var position = 0;
            Datum[] Line(string column, string definition, string direction, bool storing, bool isImplicit) =>
                Cells.Row(table.Name, index.Name, !(index.Unique || index.Deferrable), ++position, column, definition, direction, storing, isImplicit, index.State == IndexState.Public);
            var named = new HashSet<int>();
            foreach (var part in index.Parts)
            {
                var column = part.Expression is null ? ColumnName(table, part.ColumnId) : part.Expression;
                named.Add(part.ColumnId);
                yield return Line(column, column, part.Descending ? "DESC" : "ASC", false, false);
            }

            foreach (var id in index.Included)
            {
                named.Add(id);
                yield return Line(ColumnName(table, id), ColumnName(table, id), "N/A", true, false);
            }

            if (index.Id == table.PrimaryIndex.Id)
            {
                foreach (var column in table.Columns.Where(x => !x.Hidden && !named.Contains(x.Id)))
                    yield return Line(column.Name, column.Name, "N/A", true, false);
                continue;
            }

            foreach (var part in table.PrimaryIndex.Parts.Where(p => table.HasUserPrimaryKey && named.Add(p.ColumnId)))
                yield return Line(ColumnName(table, part.ColumnId), ColumnName(table, part.ColumnId), "ASC", false, true);
        }
    }

    public static IEnumerable<Datum[]> Constraints(IShowContext context, TableDescriptor table)
    {
        var rows = new List<(string Name, string Kind, string Details, bool Validated)>();
        foreach (var index in SystemContext.Indexes(table).Where(i => i.Constraint is not null))
            rows.Add((index.Constraint!, index.Id == table.PrimaryIndex.Id ? "PRIMARY KEY" : "UNIQUE", Definitions.IndexConstraint(table, index), true));
        rows.AddRange(table.Checks.Select(c => (c.Name, "CHECK", Definitions.Check(c, pretty: true), c.Validated)));
        rows.AddRange(table.ForeignKeys.Select(k => (k.Name, "FOREIGN KEY", Definitions.ForeignKey(context.Session, table, k), k.Validated)));
        return rows.OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => Cells.Row(table.Name, r.Name, r.Kind, r.Details, r.Validated));
    }

    public static IEnumerable<Datum[]> Types(IShowContext context) =>
        from schema in context.Snapshot.Schemas(context.Session.Database.Id)
        from type in context.Snapshot.Types(schema.Id)
        where type.Type is EnumType
        let labels = ((EnumType)type.Type).Labels.OrderBy(l => l.Order).Select(l => l.Label)
        select Cells.Row(schema.Name, type.Name, Cells.Texts(SqlTypes.Text, labels), context.Snapshot.TryGet<RoleDescriptor>(type.Owner, out var owner) ? owner.Name : "");

    /// <summary>The user's own sessions, and those of others for VIEWACTIVITY (SECURITY-SPEC 4.4).</summary>
    public static IEnumerable<Datum[]> Sessions(IShowContext context)
    {
        var system = System(context);
        return SystemViews.PgCatalog.Activity.Backends(system).Where(b => SystemViews.PgCatalog.Activity.MaySee(system, b)).Select(b =>
        {
            var query = SystemViews.PgCatalog.Activity.QueryFor(system, b);
            var isActive = b.State == "active";
            return Cells.Row(
                1, Number(b.ProcessId), b.UserName, b.ClientAddress is null ? null : $"{b.ClientAddress}:{b.ClientPort}", b.ApplicationName, isActive ? query : "", isActive ? "" : query,
                (DateTimeOffset?)b.BackendStart, isActive ? "ACTIVE" : "IDLE");
        });
    }

    public static IEnumerable<Datum[]> Queries(IShowContext context)
    {
        var system = System(context);
        return SystemViews.PgCatalog.Activity.Backends(system).Where(b => b.State == "active" && SystemViews.PgCatalog.Activity.MaySee(system, b)).Select(b => Cells.Row(
            Number(b.ProcessId), 1, Number(b.ProcessId), b.UserName, (DateTimeOffset?)b.QueryStart, SystemViews.PgCatalog.Activity.QueryFor(system, b),
            b.ClientAddress is null ? null : $"{b.ClientAddress}:{b.ClientPort}", b.ApplicationName, "executing"));
    }

    internal static SystemContext System(IShowContext context) => new(context.Session, new EvaluationContext { Session = context.Session });

    private static string Number(long value) => value.ToString(global::System.Globalization.CultureInfo.InvariantCulture);

    private static string ColumnName(TableDescriptor table, int id) => table.Columns.FirstOrDefault(x => x.Id == id)?.Name ?? "";

    private static string Name(IShowContext context, RelationDescriptor relation) => Qualified(context, relation.SchemaId, relation.Name);

    private static string Qualified(IShowContext context, uint schema, string name) =>
        SqlText.QuoteIdentifier(context.Snapshot.TryGet<SchemaDescriptor>(schema, out var found) ? found.Name : "") + "." + SqlText.QuoteIdentifier(name);

    private static string Columns(ViewDescriptor view) => string.Join(", ", view.Columns.Select(x => SqlText.QuoteIdentifier(x.Name)));

    private static string TypeText(IShowContext context, TypeDescriptor type) => type.Type is DomainType domain ? DomainText(context, type, domain) :
        type.Type is CompositeType composite ? $"CREATE TYPE {Qualified(context, type.SchemaId, type.Name)} AS ({string.Join(", ", composite.Attributes.Select(a => SqlText.QuoteIdentifier(a.Name) + " " + TypeNames.Format(context.Session, a.Type, a.TypeModifier)))})" :
        $"CREATE TYPE {Qualified(context, type.SchemaId, type.Name)} AS ENUM ({string.Join(", ", ((EnumType)type.Type).Labels.OrderBy(l => l.Order).Select(l => SqlText.QuoteLiteral(l.Label)))})";

    private static string DomainText(IShowContext context, TypeDescriptor type, DomainType domain)
    {
        var text = new StringBuilder($"CREATE DOMAIN {Qualified(context, type.SchemaId, type.Name)} AS {TypeNames.Format(context.Session, domain.BaseType, domain.BaseModifier)}");
        if (domain.Default is { } value)
            text.Append(" DEFAULT ").Append(value);
        if (domain.NotNull)
            text.Append(" NOT NULL");
        foreach (var check in domain.Checks)
            text.Append(" CONSTRAINT ").Append(SqlText.QuoteIdentifier(check.Name)).Append(" CHECK (").Append(check.Expression).Append(')');
        return text.ToString();
    }

    private static string SequenceText(IShowContext context, SequenceDescriptor s)
    {
        var text = new StringBuilder($"CREATE SEQUENCE {Name(context, s)}");
        if (s.DataType.Oid != PgOid.Int8)
            text.Append(" AS ").Append(s.DataType.DisplayName);
        return text.Append($" MINVALUE {s.Minimum} MAXVALUE {s.Maximum} INCREMENT {s.Increment} START {s.Start}").Append(s.Cache == 1 ? "" : $" CACHE {s.Cache}").Append(s.Cycle ? " CYCLE" : "").ToString();
    }

    /// <summary>The table with its constraints, then a CREATE INDEX for each index that no constraint makes.</summary>
    private static string TableText(IShowContext context, TableDescriptor table)
    {
        var system = System(context);
        var lines = table.Columns.Where(x => !x.Hidden).Select(x => ColumnText(system, x)).ToList();
        lines.AddRange(SystemContext.Indexes(table).Where(i => i.Constraint is not null).Select(i => $"CONSTRAINT {SqlText.QuoteIdentifier(i.Constraint!)} {Definitions.IndexConstraint(table, i)}"));
        lines.AddRange(table.Checks.Select(c => $"CONSTRAINT {SqlText.QuoteIdentifier(c.Name)} {Definitions.Check(c, pretty: true)}"));
        lines.AddRange(table.ForeignKeys.Select(k => $"CONSTRAINT {SqlText.QuoteIdentifier(k.Name)} {Definitions.ForeignKey(context.Session, table, k)}"));
        var text = new StringBuilder(table.TemporarySession is null ? "CREATE TABLE " : "CREATE TEMPORARY TABLE ").Append(Name(context, table)).Append(" (\n\t").AppendJoin(",\n\t", lines).Append("\n)");
        foreach (var index in SystemContext.Indexes(table).Where(i => i.Constraint is null))
            text.Append(";\n").Append(Definitions.Index(context.Session, table, index, pretty: false));
        AppendRowSecurity(context, table, text);
        return text.ToString();
    }

    private static void AppendRowSecurity(IShowContext context, TableDescriptor table, StringBuilder text)
    {
        if (table.RowSecurity || table.ForceRowSecurity)
        {
            var modes = new[] { table.RowSecurity ? "ENABLE ROW LEVEL SECURITY" : null, table.ForceRowSecurity ? "FORCE ROW LEVEL SECURITY" : null }.OfType<string>();
            text.Append($";\nALTER TABLE {Name(context, table)} ").AppendJoin(", ", modes);
        }

        foreach (var policy in table.Policies)
        {
            var roles = policy.Roles.IsEmpty ? ["PUBLIC"] : policy.Roles.Select(id => SqlText.QuoteIdentifier(context.Snapshot.TryGet<RoleDescriptor>(id, out var role) ? role.Name : ""));
            text.Append($";\nCREATE POLICY {SqlText.QuoteIdentifier(policy.Name)} ON {Name(context, table)} AS {(policy.Restrictive ? "RESTRICTIVE" : "PERMISSIVE")} FOR {policy.Commands.ToString().ToUpperInvariant()} TO ")
                .AppendJoin(", ", roles).Append(policy.Using is null ? "" : $" USING ({policy.Using})").Append(policy.Check is null ? "" : $" WITH CHECK ({policy.Check})");
        }
    }

    private static string ColumnText(SystemContext system, ColumnDescriptor column)
    {
        var text = new StringBuilder(SqlText.QuoteIdentifier(column.Name)).Append(' ').Append(TypeNames.Format(system.Session, column.Type, column.TypeModifier));
        if (column.NotNull)
            text.Append(" NOT NULL");
        if (column.Generated is not null)
            text.Append(" GENERATED ALWAYS AS (").Append(column.Generated).Append(") STORED");
        else if (column.Identity != IdentityKind.None)
            text.Append(column.Identity == IdentityKind.Always ? " GENERATED ALWAYS AS IDENTITY" : " GENERATED BY DEFAULT AS IDENTITY");
        else if (column.Default is not null)
            text.Append(" DEFAULT ").Append(system.Expression(column));
        return text.ToString();
    }
}
