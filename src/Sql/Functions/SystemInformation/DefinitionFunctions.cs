using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>pg_get_…def, comments, visibility, to_reg… (manual 9.26). All are stable.</summary>
static class DefinitionFunctions
{
    internal static void Register(RegistryBuilder b)
    {
        RegisterDefinitions(b);
        RegisterComments(b);
        RegisterVisibility(b);
        RegisterNames(b);
        RegisterFunctionInformation(b);
    }

    static Datum Text(string? text) => text is null ? Datum.Null : Datum.FromString(text);

    static void RegisterDefinitions(RegistryBuilder b)
    {
        b.Binary("pg_get_expr(pg_node_tree, oid) text stable", static (e, _, _) => Datum.FromString(Definitions.Full(e.AsString())));
        b.Scalar("pg_get_expr(pg_node_tree, oid, bool) text stable", static (a, _) => a[2].AsBool() ? a[0] : Datum.FromString(Definitions.Full(a[0].AsString())));
        b.Unary("pg_get_constraintdef(oid) text stable", static (o, c) => Text(Constraint(c, o.AsOid(), pretty: false)));
        b.Binary("pg_get_constraintdef(oid, bool) text stable", static (o, pretty, c) => Text(Constraint(c, o.AsOid(), pretty.AsBool())));
        b.Unary("pg_get_indexdef(oid) text stable", static (o, c) => Text(Index(c, o.AsOid(), 0, pretty: false)));
        b.Scalar("pg_get_indexdef(oid, int4, bool) text stable", static (a, c) => Text(Index(c, a[0].AsOid(), a[1].AsInt32(), a[2].AsBool())));
        b.Unary("pg_get_viewdef(oid) text stable", static (o, c) => Text(View(c, o.AsOid())));
        b.Binary("pg_get_viewdef(oid, bool) text stable", static (o, _, c) => Text(View(c, o.AsOid())));
        b.Binary("pg_get_viewdef(oid, int4) text stable", static (o, _, c) => Text(View(c, o.AsOid())));
        b.Unary("pg_get_viewdef(text) text stable", static (n, c) => Text(View(c, CatalogSearch.RequireRelation(CatalogSearch.Session(c), n.AsString()).Id)));
        b.Binary("pg_get_viewdef(text, bool) text stable", static (n, _, c) => Text(View(c, CatalogSearch.RequireRelation(CatalogSearch.Session(c), n.AsString()).Id)));
        b.Binary("pg_get_serial_sequence(text, text) text stable", static (t, column, c) => Text(SerialSequence(c, t.AsString(), column.AsString())));
        b.Unary("pg_get_userbyid(oid) name stable", static (o, c) => Datum.FromString(CatalogSearch.Session(c).Catalog.TryGet<RoleDescriptor>(o.AsOid(), out var role) ? role.Name : $"unknown (OID={o.AsOid()})"));
        // Rules, triggers, partitions, extended statistics: none of these exist here, so no OID names one.
        b.Unary("pg_get_ruledef|pg_get_triggerdef|pg_get_statisticsobjdef|pg_get_statisticsobjdef_columns|pg_get_partkeydef|pg_get_partition_constraintdef(oid) text stable", static (_, _) => Datum.Null);
        b.Binary("pg_get_ruledef|pg_get_triggerdef(oid, bool) text stable", static (_, _, _) => Datum.Null);
        b.Table("pg_partition_ancestors(regclass) setof (relid regclass) stable", static (_, _) => []);
        b.Table("pg_partition_tree(regclass) setof (relid regclass, parentrelid regclass, isleaf bool, level int4) stable", static (_, _) => []);
        b.Unary("pg_partition_root(regclass) regclass stable", static (_, _) => Datum.Null);
        b.Unary("pg_get_statisticsobjdef_expressions(oid) text[] stable", static (_, _) => Datum.Null);
        b.Unary("pg_get_replica_identity_index(regclass) regclass stable", static (_, _) => Datum.Null);
    }

    static void RegisterComments(RegistryBuilder b)
    {
        b.Unary("obj_description(oid) text stable", static (o, c) => Text(Comment(c, o.AsOid(), null)));
        b.Binary("obj_description(oid, name) text stable", static (o, catalog, c) => Text(Comment(c, o.AsOid(), catalog.AsString())));
        b.Binary("shobj_description(oid, name) text stable", static (o, catalog, c) => Text(Comment(c, o.AsOid(), catalog.AsString())));
        b.Binary("col_description(oid, int4) text stable", static (o, number, c) =>
            CatalogSearch.Session(c).Catalog.TryGet<RelationDescriptor>(o.AsOid(), out var relation) ? Text(relation.Columns.FirstOrDefault(x => x.Id == number.AsInt32())?.Comment) : Datum.Null);
    }

    static void RegisterVisibility(RegistryBuilder b)
    {
        b.Unary("pg_table_is_visible(oid) bool stable", static (o, c) => IsTableVisible(CatalogSearch.Session(c), o.AsOid()));
        b.Unary("pg_type_is_visible(oid) bool stable", static (o, c) => IsTypeVisible(CatalogSearch.Session(c), o.AsOid()));
        b.Unary("pg_function_is_visible(oid) bool stable", static (o, _) => FunctionRegistry.BuiltIn.TryGetFunction(o.AsOid(), out var f) ? Datum.FromBool(f.Schema == "pg_catalog") : Datum.Null);
        b.Unary("pg_operator_is_visible(oid) bool stable", static (o, _) => FunctionRegistry.BuiltIn.TryGetOperator(o.AsOid(), out var _) ? Datum.True : Datum.Null);
        b.Unary("pg_opclass_is_visible|pg_opfamily_is_visible|pg_collation_is_visible|pg_conversion_is_visible|pg_ts_config_is_visible|pg_ts_dict_is_visible|pg_ts_parser_is_visible|" +
            "pg_ts_template_is_visible(oid) bool stable", static (_, _) => Datum.True);
        b.Unary("pg_statistics_obj_is_visible(oid) bool stable", static (_, _) => Datum.Null);
    }

    static void RegisterNames(RegistryBuilder b)
    {
        foreach (var type in (string[])["regclass", "regtype", "regproc", "regprocedure", "regnamespace", "regrole", "regoper", "regoperator"])
        {
            var oid = Signature.TypeOf(type).Oid;
            b.Unary($"to_{type}(text) {type} stable", (n, c) => new CatalogNames(CatalogSearch.Session(c)).TryResolve(oid, n.AsString(), out _) is { } found ? Datum.FromInt64(found) : Datum.Null);
        }

        b.Scalar("format_type(oid, int4) text stable called", static (a, c) => a[0].IsNull ? Datum.Null : Datum.FromString(FormatType(c, a[0].AsOid(), a[1].IsNull ? null : a[1].AsInt32())));
        b.Typed("pg_typeof(any) regtype stable called", static call =>
        {
            var oid = Datum.FromInt64(call.ArgumentTypes[0].Oid);
            return (_, _) => oid;
        });
        b.Typed("pg_collation_for(any) text stable called", static call =>
        {
            var type = call.ArgumentTypes[0];
            var isText = (type.ElementType ?? type).Category is TypeCategory.String or TypeCategory.Unknown;
            return (_, _) => isText ? Datum.FromString("\"default\"") : throw new SqlException(SqlState.DatatypeMismatch, $"collations are not supported by type {type.DisplayName}");
        });
        b.Typed("pg_column_size(any) int4 stable", static call =>
        {
            var type = call.ArgumentTypes[0];
            return (a, _) =>
            {
                var buffer = new System.Buffers.ArrayBufferWriter<byte>();
                if (type.Length <= 0)
                    type.EncodeValue(a[0], buffer);
                return Datum.FromInt64(type.Length > 0 ? type.Length : buffer.WrittenCount);
            };
        });
        b.Typed("pg_column_compression(any) text stable", static _ => static (_, _) => Datum.Null);
    }

    static void RegisterFunctionInformation(RegistryBuilder b)
    {
        b.Unary("pg_get_function_arguments(oid) text stable", static (o, _) => OfFunction(o, static f => FunctionSignatures.Arguments(f, withDefaults: true)));
        b.Unary("pg_get_function_identity_arguments(oid) text stable", static (o, _) => OfFunction(o, static f => FunctionSignatures.Arguments(f, withDefaults: false)));
        b.Unary("pg_get_function_result(oid) text stable", static (o, _) => OfFunction(o, FunctionSignatures.Result));
        b.Unary("pg_get_function_sqlbody(oid) text stable", static (_, _) => Datum.Null);
        b.Binary("pg_get_function_arg_default(oid, int4) text stable", static (_, _, _) => Datum.Null);
        b.Unary("pg_get_functiondef(oid) text stable", static (o, _) => OfFunction(o, static f =>
            $"CREATE OR REPLACE FUNCTION {f.Schema}.{SqlText.QuoteIdentifier(f.Name)}({FunctionSignatures.Arguments(f, withDefaults: true)})\n RETURNS {FunctionSignatures.Result(f)}\n LANGUAGE internal\n" +
            $"{(f.Volatility == Volatility.Volatile ? "" : " " + f.Volatility.ToString().ToUpperInvariant())}{(f.IsStrict ? " STRICT" : "")}\nAS $function${f.Name}$function$\n"));
    }

    static Datum OfFunction(Datum oid, Func<FunctionEntry, string> show) => FunctionRegistry.BuiltIn.TryGetFunction(oid.AsOid(), out var function) ? Datum.FromString(show(function)) : Datum.Null;

    /// <summary>Constraints are known by the OID of their index (PRIMARY KEY, UNIQUE), of their own (foreign keys), or by <see cref="CatalogOids.Check"/>.</summary>
    static string? Constraint(EvaluationContext context, uint oid, bool pretty)
    {
        var session = CatalogSearch.Session(context);
        var index = CatalogIndex.Of(session.Catalog);
        if (index.Indexes.TryGetValue(oid, out var i) && i.Index.Constraint is not null)
            return Definitions.IndexConstraint(i.Table, i.Index);
        if (index.ForeignKeys.TryGetValue(oid, out var f))
            return Definitions.ForeignKey(session, f.Table, f.Key);
        if (index.DomainChecks.TryGetValue(oid, out var d))
            return Definitions.Check(new CheckConstraint(d.Name, d.Expression, [], d.Validated), pretty);
        return index.Checks.TryGetValue(oid, out var check) ? Definitions.Check(check.Check, pretty) : null;
    }

    static string? Index(EvaluationContext context, uint oid, int column, bool pretty)
    {
        var session = CatalogSearch.Session(context);
        if (CatalogSearch.Index(session, oid) is not var (table, index))
            return null;
        return column == 0 ? Definitions.Index(session, table, index, pretty) : Definitions.IndexColumn(table, index, column, pretty);
    }

    static string? View(EvaluationContext context, uint oid) =>
        CatalogSearch.Session(context).Catalog.TryGet<ViewDescriptor>(oid, out var view) ? view.Query.TrimEnd().TrimEnd(';') + ";" : null;

    static string? SerialSequence(EvaluationContext context, string table, string column)
    {
        var session = CatalogSearch.Session(context);
        var relation = CatalogSearch.RequireRelation(session, table);
        var found = relation.Columns.FirstOrDefault(c => c.Name == column && !c.Hidden)
            ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{relation.Name}\" does not exist");
        var sequence = session.Catalog.TryGet<SequenceDescriptor>(found.OwnedSequence, out var own) && own.OwnerTable == relation.Id
            ? own
            : session.Catalog.Relations(relation.SchemaId).OfType<SequenceDescriptor>().FirstOrDefault(s => s.OwnerTable == relation.Id && s.OwnerColumn == found.Id);
        return sequence is not null
            ? SqlText.QuoteIdentifier(CatalogSearch.SchemaName(session, sequence.SchemaId)) + "." + SqlText.QuoteIdentifier(sequence.Name)
            : null;
    }

    static string? CommentOfConstraint(ISessionServices session, uint oid)
    {
        var known = CatalogIndex.Of(session.Catalog);
        if (known.ForeignKeys.TryGetValue(oid, out var key))
            return key.Key.Comment;
        if (known.Checks.TryGetValue(oid, out var check))
            return check.Check.Comment;
        if (known.DomainChecks.TryGetValue(oid, out var domainCheck))
            return domainCheck.Comment;
        return known.Indexes.TryGetValue(oid, out var index) ? index.Index.ConstraintComment : null;
    }

    static string? Comment(EvaluationContext context, uint oid, string? catalog)
    {
        var session = CatalogSearch.Session(context);
        if (catalog is null or "pg_class" && CatalogSearch.Index(session, oid) is var (_, index))
            return index.Comment;
        if (catalog is null or "pg_constraint" && CommentOfConstraint(session, oid) is { } constraint)
            return constraint;
        if (!session.Catalog.TryGet<Descriptor>(oid, out var descriptor))
            return null;
        var expected = descriptor.Kind switch
        {
            ObjectKind.Database => "pg_database",
            ObjectKind.Schema => "pg_namespace",
            ObjectKind.Type => "pg_type",
            ObjectKind.Role => "pg_authid",
            _ => "pg_class",
        };
        return catalog is null || catalog == expected ? descriptor.Comment : null;
    }

    static Datum IsTableVisible(ISessionServices session, uint oid)
    {
        if (session.Catalog.TryGet<RelationDescriptor>(oid, out var relation))
            return Datum.FromBool(CatalogSearch.IsVisible(session, relation.SchemaId, relation.Name, oid));
        if (CatalogSearch.Index(session, oid) is var (table, index))
            return Datum.FromBool(CatalogSearch.IsVisible(session, table.SchemaId, index.Name, oid));
        return session.VirtualTableName(oid) is var (schema, _) ? Datum.FromBool(CatalogSearch.Schemas(session, null).Any(s => s.Name == schema)) : Datum.Null;
    }

    static Datum IsTypeVisible(ISessionServices session, uint oid)
    {
        if (SqlTypes.TryGetByOid(oid) is not null)
            return Datum.True;
        foreach (var schema in session.Catalog.Schemas(session.Database.Id))
            foreach (var type in session.Catalog.Types(schema.Id))
                if (type.Type.Oid == oid || type.Type.ArrayOid == oid)
                    return Datum.FromBool(TypeNames.IsVisible(session, type));
        return Datum.Null;
    }

    /// <summary>Without a modifier argument (NULL) a name is as the standard writes it; with -1 it is one that gives back exactly this type.</summary>
    static string FormatType(EvaluationContext context, uint oid, int? modifier)
    {
        if (oid == 0)
            return "-";
        if (oid == PgOid.BpChar && modifier is null)
            return "character";
        if (context.Session is { } session && session.Catalog.TypeByOid(oid) is { } type)
            return TypeNames.Format(session, type, modifier ?? -1);
        return (SqlTypes.TryGetByOid(oid) ?? SignatureTypes.TryGetByOid(oid))?.FormatName(modifier ?? -1) ?? "???";
    }
}
