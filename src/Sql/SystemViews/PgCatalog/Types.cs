using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.SystemViews.PgCatalog;

/// <summary>pg_type, pg_enum, pg_collation. There are no row types of tables: typrelid and reltype are 0.</summary>
internal static class Types
{
    private const uint DefaultCollation = 100;
    private const uint CCollation = 950;
    private const uint PosixCollation = 951;

    public static void Register(SystemCatalog catalog)
    {
        catalog["pg_type"].From(All, 150).By("oid", static (c, key) => ById(c, key.AsOid())).By("typname", static (c, key) => ByName(c, key.AsString()));
        catalog["pg_enum"].From(static c => c.Types.SelectMany(Labels), 20).By("enumtypid", static (c, key) => c.Types.Where(t => t.Type.Oid == key.AsOid()).SelectMany(Labels));
        catalog["pg_collation"].From(static c =>
        [
            Collation(c, DefaultCollation, "default", 'd', null), Collation(c, CCollation, "C", 'c', "C"), Collation(c, PosixCollation, "POSIX", 'c', "POSIX"),
        ], 3);
    }

    private static Datum[] Collation(SystemContext c, uint id, string name, char provider, string? locale) =>
        Cells.Row(id, name, c.SchemaId(SystemCatalog.PgCatalog), RoleIds.Root, provider, true, -1, locale, locale, Cell.Null, Cell.Null);

    private static IEnumerable<SqlType> BuiltIn => SqlTypes.All.Concat(SignatureTypes.Own);

    private static IEnumerable<Datum[]> All(SystemContext c)
    {
        var schema = c.SchemaId(SystemCatalog.PgCatalog);
        return BuiltIn.Select(t => Row(t, schema, RoleIds.Root)).Concat(c.Types.SelectMany(OfUser));
    }

    private static IEnumerable<Datum[]> OfUser(TypeDescriptor type) =>
        [Row(type.Type, type.SchemaId, type.Owner), Row(new ArrayType(type.Type, type.Type.ArrayOid), type.SchemaId, type.Owner)];

    private static IEnumerable<Datum[]> ById(SystemContext c, uint id) => (SqlTypes.TryGetByOid(id) ?? SignatureTypes.TryGetByOid(id)) is { } type
        ? [Row(type, c.SchemaId(SystemCatalog.PgCatalog), RoleIds.Root)]
        : c.Types.Where(t => t.Type.Oid == id || t.Type.ArrayOid == id).SelectMany(OfUser);

    private static IEnumerable<Datum[]> ByName(SystemContext c, string name)
    {
        var schema = c.SchemaId(SystemCatalog.PgCatalog);
        return BuiltIn.Where(t => t.Name == name).Select(t => Row(t, schema, RoleIds.Root)).Concat(c.Types.Where(t => t.Name == name || "_" + t.Name == name).SelectMany(OfUser));
    }

    private static Datum[] Row(SqlType type, uint schema, uint owner)
    {
        if (type is DomainType domain)
            return DomainRow(domain, schema, owner);
        var facts = TypeFacts.Of(type);
        if (type is CompositeType)
            facts = s_composite;
        var kind = type switch { EnumType => 'e', CompositeType => 'c', { Category: TypeCategory.Pseudo } => 'p', _ => 'b' };
        var element = type is ArrayType or VectorType ? type.ElementType!.Oid : type.Oid == PgOid.Name ? PgOid.Char : 0;
        return Cells.Row(
            type.Oid, type.Name, schema, owner, type.Length, facts.ByValue, kind, (char)type.Category, type.IsPreferred, true, facts.Delimiter, 0, facts.Subscript, element, type.ArrayOid, facts.Input,
            facts.Output, facts.Receive, facts.Send, facts.ModifierInput, facts.ModifierOutput, facts.Analyze, facts.Alignment, facts.Storage, false, 0, -1, 0, facts.Collation, Cell.Null, Cell.Null, Cell.Null);
    }

    /// <summary>record_in, record_out, record_recv, record_send.</summary>
    private static readonly TypeFact s_composite = new(false, 'd', 'x', ',', [2290, 2291, 2402, 2403, 0, 0, 0, 0], 0);

    /// <summary>Input by domain_in and domain_recv; the rest is the base type's.</summary>
    private static Datum[] DomainRow(DomainType domain, uint schema, uint owner)
    {
        const uint DomainIn = 2597;
        const uint DomainReceive = 2598;
        var facts = TypeFacts.Of(DomainType.Base(domain));
        return Cells.Row(
            domain.Oid, domain.Name, schema, owner, domain.Length, facts.ByValue, 'd', (char)domain.Category, false, true, facts.Delimiter, 0, 0, 0, domain.ArrayOid, DomainIn, facts.Output, DomainReceive,
            facts.Send, 0, 0, facts.Analyze, facts.Alignment, facts.Storage, domain.NotNull, domain.BaseType.Oid, domain.BaseModifier, domain.BaseType.IsArray ? 1 : 0, facts.Collation, Cell.Null, domain.Default, Cell.Null);
    }

    private static IEnumerable<Datum[]> Labels(TypeDescriptor type) => type.Type is EnumType labels
        ? labels.Labels.OrderBy(l => l.Order).Select((l, i) => Cells.Row(CatalogOids.Check(type.Id, l.Label), type.Type.Oid, (double)(i + 1), l.Label))
        : [];
}
