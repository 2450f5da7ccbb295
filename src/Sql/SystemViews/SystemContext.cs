using System.Text.RegularExpressions;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Security.Authorization;
using Chitin.Sql.Functions;
using Chitin.Sql.Functions.SystemInformation;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.SystemViews;

/// <summary>What row sources look at: the catalog as the session's transaction sees it, its database, and what its user may see.</summary>
internal sealed partial class SystemContext(ISessionServices session, EvaluationContext evaluation)
{
    private Dictionary<uint, SchemaDescriptor>? _schemas;

    public ISessionServices Session => session;

    public EvaluationContext Evaluation => evaluation;

    public ICatalogSnapshot Catalog { get; } = session.Catalog;

    public DatabaseDescriptor Database => session.Database;

    public uint User => session.Principal.CurrentUser;

    public bool IsAdmin => session.Gate.IsAdmin(User, Catalog);

    /// <summary>Of the session's database.</summary>
    public IEnumerable<SchemaDescriptor> Schemas => SchemaMap.Values;

    /// <summary>Tables, views and sequences of the session's database.</summary>
    public IEnumerable<RelationDescriptor> Relations => SchemaMap.Keys.SelectMany(id => Catalog.Relations(id));

    public IEnumerable<TableDescriptor> Tables => Relations.OfType<TableDescriptor>();

    public IEnumerable<TypeDescriptor> Types => SchemaMap.Keys.SelectMany(id => Catalog.Types(id));

    private Dictionary<uint, SchemaDescriptor> SchemaMap => _schemas ??= Catalog.Schemas(Database.Id).ToDictionary(s => s.Id);

    /// <summary>The OID that a computed table's schema has in this database; 0 when it is none of its schemas.</summary>
    public uint SchemaId(string name) => Catalog.TryGetSchema(Database.Id, name, out var schema) ? schema.Id : 0;

    public string SchemaName(uint id) => SchemaMap.TryGetValue(id, out var schema) ? schema.Name : "";

    public string RoleName(uint id) => Catalog.TryGet<RoleDescriptor>(id, out var role) ? role.Name : $"unknown (OID={id})";

    /// <summary>A relation of this database by OID.</summary>
    public bool TryGetRelation(uint id, out RelationDescriptor relation)
    {
        var found = Catalog.TryGet<RelationDescriptor>(id, out var descriptor) && descriptor.DatabaseId == Database.Id;
        relation = descriptor!;
        return found;
    }

    public bool TryGetTable(uint id, out TableDescriptor table)
    {
        var found = Catalog.TryGet<TableDescriptor>(id, out var descriptor) && descriptor.DatabaseId == Database.Id;
        table = descriptor!;
        return found;
    }

    /// <summary>Whether an identity column owns the sequence.</summary>
    public bool IsIdentity(SequenceDescriptor sequence) => sequence.OwnerTable != 0 && Catalog.TryGet<TableDescriptor>(sequence.OwnerTable, out var owner)
        && owner.Columns.Any(x => x.Id == sequence.OwnerColumn && x.Identity != IdentityKind.None);

    /// <summary>Indexes that PostgreSQL would have: not the hidden row id that stands in for a missing primary key.</summary>
    public static IEnumerable<IndexDescriptor> Indexes(TableDescriptor table) => table.HasUserPrimaryKey ? table.Indexes.Prepend(table.PrimaryIndex) : table.Indexes;

    public (TableDescriptor Table, IndexDescriptor Index)? FindIndex(uint id) =>
        CatalogIndex.Of(Catalog).Indexes.TryGetValue(id, out var found) && found.Table.DatabaseId == Database.Id && (found.Index.Id != found.Table.PrimaryIndex.Id || found.Table.HasUserPrimaryKey)
            ? found : null;

    public bool Allows(Descriptor target, Privilege privilege, bool withGrantOption = false) => session.Gate.Allows(User, target, privilege, withGrantOption, Catalog);

    public bool IsMember(uint role) => session.Gate.IsMember(User, role, Catalog);

    /// <summary>Owner, admin, or holder of any privilege, on a column too: whom information_schema shows an object to.</summary>
    public bool MayAccess(Descriptor target) => IsAdmin || IsMember(target.Owner) || HoldsAny(target.Acl) || (target is RelationDescriptor relation && relation.Columns.Any(c => HoldsAny(c.Acl)));

    public bool MayAccess(RelationDescriptor relation, ColumnDescriptor column) => IsAdmin || IsMember(relation.Owner) || HoldsAny(relation.Acl) || HoldsAny(column.Acl);

    public bool IsGranteeOf(AclEntry entry) => entry.Grantee == RoleIds.Public || IsMember(entry.Grantee);

    private bool HoldsAny(ImmutableArray<AclEntry> acl) => acl.Any(e => e.Privileges != Privilege.None && IsGranteeOf(e));

    /// <summary>aclitem[] as PostgreSQL stores it: NULL while nothing differs from the defaults, else the owner's rights first.</summary>
    public Datum Acl(Descriptor target)
    {
        if (target.Acl.SequenceEqual(AclOperations.Initial(target.Kind, target.Owner)))
            return Datum.Null;
        var owner = new AclEntry(target.Owner, PrivilegeNames.ValidInPostgres(target.Kind), Privilege.None, target.Owner);
        return Acl(target.Acl.Where(e => e.Grantee != target.Owner).Prepend(owner), target.Kind);
    }

    /// <summary>NULL when there are no entries.</summary>
    public Datum Acl(IEnumerable<AclEntry> entries, ObjectKind kind)
    {
        var items = entries.Select(e => PrivilegeNames.ToAclItem(e, kind, RoleName)).ToList();
        return items.Count == 0 ? Datum.Null : Cells.Texts(SqlTypes.AclItem, items);
    }

    /// <summary>The default or generation expression as PostgreSQL prints it: a literal with its type, a sequence, which is stored by OID, under its name.</summary>
    public string? Expression(ColumnDescriptor column)
    {
        var text = column.Default ?? column.Generated;
        if (text is ['\'', ..] or "NULL" && Parser.ParseExpression(text) is LiteralExpression { Kind: LiteralKind.String or LiteralKind.Null })
            return $"{text}::{TypeNames.Format(session, column.Type, -1)}";
        return text?.Contains("nextval(", StringComparison.Ordinal) != true ? text : SequenceReference().Replace(text, match =>
        {
            return FindSequence(match) is { } sequence
                ? $"nextval({SqlText.QuoteLiteral(CatalogSearch.DisplayName(session, sequence.SchemaId, sequence.Name, sequence.Id))}::regclass)"
                : match.Value;
        });
    }

    /// <summary>The sequences that a default draws from.</summary>
    public IEnumerable<uint> SequencesOf(ColumnDescriptor column) => column.Default?.Contains("nextval(", StringComparison.Ordinal) == true
        ? SequenceReference().Matches(column.Default).Select(FindSequence).OfType<SequenceDescriptor>().Select(s => s.Id)
        : [];

    private SequenceDescriptor? FindSequence(Match match)
    {
        var id = match.Groups[1].Success
            ? uint.Parse(match.Groups[1].ValueSpan)
            : QualifiedName.TryParse(match.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal), strict: true) is { Length: <= 2 } name ? CatalogSearch.Relation(session, name) : 0;
        return Catalog.TryGet<SequenceDescriptor>(id, out var sequence) ? sequence : null;
    }

    [GeneratedRegex(@"nextval\((?:(\d{1,9})|'((?:[^']|''){1,200})')(?:::regclass)?\)", RegexOptions.CultureInvariant)]
    private static partial Regex SequenceReference();
}
