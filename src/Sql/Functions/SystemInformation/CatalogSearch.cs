using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Finding objects of the session's database by name along the search path, and by OID.</summary>
static class CatalogSearch
{
    internal static ISessionServices Session(EvaluationContext context) => context.Session ?? throw FunctionErrors.NoSession();

    /// <summary>The OID of a table, view, sequence, index or computed table; 0 when there is none.</summary>
    internal static uint Relation(ISessionServices session, ImmutableArray<string> name)
    {
        if (name.Length > 3 || (name.Length == 3 && name[0] != session.Database.Name))
            throw new SqlException(SqlState.FeatureNotSupported, $"cross-database references are not implemented: {string.Join('.', name)}");
        foreach (var schema in Schemas(session, name.Length > 1 ? name[^2] : null))
        {
            if (session.Catalog.TryGetRelation(schema.Id, name[^1], out var relation))
                return relation.Id;
            if (session.Catalog.TryGetIndex(schema.Id, name[^1], out _, out var index))
                return index.Id;
            if (session.FindVirtualTable(schema.Name, name[^1]) is var virtualTable and not 0)
                return virtualTable;
        }

        return name.Length == 2 ? session.FindVirtualTable(name[0], name[1]) : 0;
    }

    internal static RelationDescriptor RequireRelation(ISessionServices session, string text)
    {
        var name = QualifiedName.Parse(text);
        return Relation(session, name) is var id and not 0 && session.Catalog.TryGet<RelationDescriptor>(id, out var relation) ? relation : throw UndefinedTable(name);
    }

    internal static SqlException UndefinedTable(ImmutableArray<string> name) => new(SqlState.UndefinedTable, $"relation \"{string.Join('.', name)}\" does not exist");

    /// <summary>The named schema, or the search path when name is null.</summary>
    internal static IEnumerable<SchemaDescriptor> Schemas(ISessionServices session, string? name)
    {
        if (name is null)
        {
            foreach (var id in session.SearchPath)
                if (session.Catalog.TryGet<SchemaDescriptor>(id, out var schema))
                    yield return schema;
        }
        else if (session.Catalog.TryGetSchema(session.Database.Id, name, out var schema))
        {
            yield return schema;
        }
    }

    /// <summary>A type by name as SQL writes it, with [] and modifiers; null when there is none.</summary>
    internal static SqlType? Type(ISessionServices? session, string text)
    {
        var name = text.Trim();
        var dimensions = 0;
        while (name.EndsWith(']') && name.LastIndexOf('[') is var bracket and > 0)
        {
            dimensions++;
            name = name[..bracket].TrimEnd();
        }

        if (name.IndexOf('(', StringComparison.Ordinal) is var open and > 0 && name.IndexOf(')', open) is var close and > 0)
            name = name[..open].TrimEnd() + name[(close + 1)..];
        var type = BuiltInType(name) ?? (session is null ? null : UserType(session, name));
        return type is not null && dimensions > 0 && type.ElementType is null ? SignatureTypes.ArrayOf(type) : type;
    }

    static SqlType? BuiltInType(string name)
    {
        if (name == "\"char\"" || name == "pg_catalog.\"char\"")
            return SqlTypes.Char;
        var plain = string.Join(' ', name.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (plain.StartsWith("pg_catalog.", StringComparison.Ordinal))
            plain = plain[11..];
        if (!name.Contains('"', StringComparison.Ordinal))
            return SqlTypes.TryGetByName(plain);
        // Quoted, a name is the internal one: "int4", never "integer".
        return QualifiedName.TryParse(name, strict: true) is { } parts && (parts.Length == 1 || (parts.Length == 2 && parts[0] == "pg_catalog"))
            && SqlTypes.TryGetByName(parts[^1]) is { } type && type.Name == parts[^1] ? type : null;
    }

    static SqlType? UserType(ISessionServices session, string name)
    {
        if (QualifiedName.TryParse(name, strict: true) is not { Length: <= 2 } parts)
            return null;
        foreach (var schema in Schemas(session, parts.Length == 2 ? parts[0] : null))
            if (session.Catalog.TryGetType(schema.Id, parts[^1], out var type))
                return type.Type;
        return null;
    }

    /// <summary>The table of an index, and the index, by the index's OID.</summary>
    internal static (TableDescriptor Table, IndexDescriptor Index)? Index(ISessionServices session, uint id) =>
        CatalogIndex.Of(session.Catalog).Indexes.TryGetValue(id, out var found) ? found : null;

    /// <summary>Whether a relation is found under its bare name: it is the first of that name on the search path.</summary>
    internal static bool IsVisible(ISessionServices session, uint schemaId, string name, uint id)
    {
        foreach (var candidate in session.SearchPath)
        {
            if (session.Catalog.TryGetRelation(candidate, name, out var relation))
                return relation.Id == id;
            if (session.Catalog.TryGetIndex(candidate, name, out _, out var index))
                return index.Id == id;
            if (candidate == schemaId)
                return true;
        }

        return false;
    }

    internal static string SchemaName(ISessionServices session, uint schemaId) => session.Catalog.TryGet<SchemaDescriptor>(schemaId, out var schema) ? schema.Name : "";

    /// <summary>Quoted, and with its schema unless the search path finds it.</summary>
    internal static string DisplayName(ISessionServices session, uint schemaId, string name, uint id)
    {
        var quoted = Syntax.SqlText.QuoteIdentifier(name);
        return IsVisible(session, schemaId, name, id) ? quoted : Syntax.SqlText.QuoteIdentifier(SchemaName(session, schemaId)) + "." + quoted;
    }

    internal static RoleDescriptor RequireRole(ISessionServices session, string name) => session.Catalog.TryGetRole(name, out var role)
        ? role
        : throw new SqlException(SqlState.UndefinedObject, $"role \"{name}\" does not exist");
}
