using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;
using Chitin.Sql.SystemViews;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Functions behind PostgreSQL's monitoring views that tools call themselves, and those that answer "nothing" because the feature does not exist here.</summary>
static class InspectionFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterBackends(b);
        b.Table("information_schema._pg_expandarray(anyarray) setof (x anyelement, n int4)", static (a, _) =>
        {
            var array = ArrayAccess.A(a[0]);
            return array.Elements.Select((e, i) => new[] { e, Datum.FromInt64(i + 1) });
        });
        b.Scalar("current_query() text volatile", static (_, c) => Own(c) is { } own ? Datum.FromString(own.Query) : Datum.Null);
        b.Unary("pg_settings_get_flags(text) text[] stable", static (_, _) => ArrayAccess.Of(SqlTypes.Text, []));
        b.Table("pg_listening_channels() setof text stable", static (_, c) => Own(c) is null ? [] : CatalogSearch.Session(c).Inspection!.Channels.Select(n => new[] { Datum.FromString(n) }));
        b.Table("pg_tablespace_databases(oid) setof oid stable", static (_, c) => CatalogSearch.Session(c).Catalog.Databases.Select(d => new[] { Datum.FromInt64(d.Id) }));
        b.Unary("pg_collation_actual_version|pg_database_collation_actual_version(oid) text volatile", static (_, _) => Datum.Null);
        b.Unary("pg_relation_filepath(regclass) text stable", static (_, _) => Datum.Null);
        b.Scalar("txid_current_if_assigned() int8 stable", static (_, _) => Datum.Null);
        b.Scalar("pg_last_xact_replay_timestamp() timestamptz volatile", static (_, _) => Datum.Null);
        b.Scalar("pg_stat_get_snapshot_timestamp() timestamptz stable", static (_, _) => Datum.Null);
        b.Table("pg_get_publication_tables(text[]) setof (relid oid) stable", static (_, _) => []);
        b.Table("pg_available_extensions() setof (name name, default_version text, comment text) stable", static (_, _) => []);
    }

    static void RegisterBackends(RegistryBuilder b)
    {
        b.Table("pg_stat_get_backend_idset() setof int4 stable", static (_, c) => Visible(c).Select(x => new[] { Datum.FromInt64(x.ProcessId) }));
        b.Unary("pg_stat_get_backend_pid(int4) int4 stable", static (id, c) => Of(c, id, static x => Datum.FromInt64(x.ProcessId)));
        b.Unary("pg_stat_get_backend_dbid(int4) oid stable", static (id, c) => Of(c, id, static x => Datum.FromInt64(x.Database.Id)));
        b.Unary("pg_stat_get_backend_userid(int4) oid stable", static (id, c) => Of(c, id, static x => Datum.FromInt64(x.User)));
        b.Unary("pg_stat_get_backend_start(int4) timestamptz stable", static (id, c) => Of(c, id, static x => Time(x.BackendStart)));
        b.Unary("pg_stat_get_backend_activity_start(int4) timestamptz stable", static (id, c) => Of(c, id, static x => Time(x.QueryStart)));
        b.Unary("pg_stat_get_backend_activity(int4) text stable", static (id, c) =>
        {
            var system = new SystemContext(CatalogSearch.Session(c), c);
            return Of(c, id, x => Datum.FromString(SystemViews.PgCatalog.Activity.QueryFor(system, x)));
        });
    }

    static Datum Time(DateTimeOffset time) => Datum.FromInt64(SqlDateTime.FromDateTimeOffset(time));

    static IEnumerable<BackendActivity> Visible(EvaluationContext c)
    {
        var system = new SystemContext(CatalogSearch.Session(c), c);
        return SystemViews.PgCatalog.Activity.Backends(system).Where(x => SystemViews.PgCatalog.Activity.MaySee(system, x));
    }

    /// <summary>NULL for a session that does not exist or that the user may not see.</summary>
    static Datum Of(EvaluationContext c, Datum id, Func<BackendActivity, Datum> show) => Visible(c).FirstOrDefault(x => x.ProcessId == id.AsInt32()) is { } found ? show(found) : Datum.Null;

    static BackendActivity? Own(EvaluationContext c)
    {
        var session = CatalogSearch.Session(c);
        return session.Inspection?.Backends.FirstOrDefault(x => x.ProcessId == session.BackendPid);
    }
}
