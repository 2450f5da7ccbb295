using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;
using Chitin.Sql.SystemViews.Facts;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>Text forms of reg* values, by a session's catalog and search path. One per session; asks the session anew at every call.</summary>
public sealed class CatalogNames(ISessionServices session) : IOidNames
{
    public uint Resolve(uint regType, string name) => TryResolve(regType, name, out var error) is { } oid ? oid : throw error!;

    /// <summary>Null when there is no such object; malformed names are errors all the same.</summary>
    internal uint? TryResolve(uint regType, string name, out SqlException? error)
    {
        error = null;
        switch (regType)
        {
            case PgOid.RegClass:
                var parts = QualifiedName.Parse(name);
                return Found(CatalogSearch.Relation(session, parts), CatalogSearch.UndefinedTable(parts), out error);
            case PgOid.RegType:
                return Found(CatalogSearch.Type(session, name)?.Oid ?? 0, new SqlException(SqlState.UndefinedObject, $"type \"{name}\" does not exist"), out error);
            case PgOid.RegProc:
                return Function(name, out error);
            case PgOid.RegProcedure:
                return Found(FunctionSignatures.Resolve(session, name), new SqlException(SqlState.UndefinedFunction, $"function \"{name}\" does not exist"), out error);
            case PgOid.RegNamespace:
                var schemaName = QualifiedName.Parse(name);
                return Found(schemaName.Length == 1 && session.Catalog.TryGetSchema(session.Database.Id, schemaName[0], out var schema) ? schema.Id : 0,
                    new SqlException(SqlState.InvalidSchemaName, $"schema \"{string.Join('.', schemaName)}\" does not exist"), out error);
            case PgOid.RegRole:
                var roleName = QualifiedName.Parse(name);
                return Found(roleName.Length == 1 && session.Catalog.TryGetRole(roleName[0], out var role) ? role.Id : 0,
                    new SqlException(SqlState.UndefinedObject, $"role \"{string.Join('.', roleName)}\" does not exist"), out error);
            case PgOid.RegOper or PgOid.RegOperator:
                return Operator(regType, name, out error);
            default:
                return Found(0, new SqlException(SqlState.UndefinedObject, $"text search configuration \"{name}\" does not exist"), out error);
        }
    }

    public string? Name(uint regType, uint oid)
    {
        switch (regType)
        {
            case PgOid.RegClass:
                if (session.Catalog.TryGet<RelationDescriptor>(oid, out var relation))
                    return CatalogSearch.DisplayName(session, relation.SchemaId, relation.Name, oid);
                if (CatalogSearch.Index(session, oid) is var (table, index))
                    return CatalogSearch.DisplayName(session, table.SchemaId, index.Name, oid);
                return session.VirtualTableName(oid) is var (schemaName, name) ? schemaName == "pg_catalog" ? name : $"{schemaName}.{name}" : null;
            case PgOid.RegType:
                return session.Catalog.TypeByOid(oid) is { } type ? TypeNames.Format(session, type, -1) : null;
            case PgOid.RegProc:
                return FunctionRegistry.BuiltIn.TryGetFunction(oid, out var function) ? SqlText.QuoteIdentifier(function.Name) : SupportFunctions.All.GetValueOrDefault(oid)?.Name;
            case PgOid.RegProcedure:
                return FunctionRegistry.BuiltIn.TryGetFunction(oid, out function) ? FunctionSignatures.Identity(function) : null;
            case PgOid.RegOper:
                return FunctionRegistry.BuiltIn.TryGetOperator(oid, out var entry) ? entry.Symbol : null;
            case PgOid.RegOperator:
                return FunctionRegistry.BuiltIn.TryGetOperator(oid, out entry) ? $"{entry.Symbol}({entry.Left?.DisplayName ?? "NONE"},{entry.Right.DisplayName})" : null;
            case PgOid.RegNamespace:
                return session.Catalog.TryGet<SchemaDescriptor>(oid, out var schema) ? SqlText.QuoteIdentifier(schema.Name) : null;
            case PgOid.RegRole:
                return session.Catalog.TryGet<RoleDescriptor>(oid, out var role) ? SqlText.QuoteIdentifier(role.Name) : null;
            default:
                return null;
        }
    }

    static uint? Found(uint oid, SqlException missing, out SqlException? error)
    {
        error = oid == 0 ? missing : null;
        return oid == 0 ? null : oid;
    }

    static uint? Function(string name, out SqlException? error)
    {
        var parts = QualifiedName.Parse(name);
        var overloads = FunctionRegistry.BuiltIn.Functions(parts[^1]).Where(f => parts.Length == 1 || f.Schema == parts[^2]).ToList();
        error = null;
        if (overloads.Count == 0 && SupportFunctions.All.Values.FirstOrDefault(f => f.Name == parts[^1]) is { } support)
            return support.Oid;
        error = overloads.Count switch
        {
            0 => new SqlException(SqlState.UndefinedFunction, $"function \"{name}\" does not exist"),
            1 => null,
            _ => new SqlException(SqlState.AmbiguousFunction, $"more than one function named \"{name}\""),
        };
        return error is null ? overloads[0].Oid : null;
    }

    static uint? Operator(uint regType, string text, out SqlException? error)
    {
        var symbol = text.Trim();
        symbol = symbol.StartsWith("pg_catalog.", StringComparison.Ordinal) ? symbol[11..] : symbol;
        IEnumerable<OperatorEntry> found;
        if (regType == PgOid.RegOperator && symbol.IndexOf('(', StringComparison.Ordinal) is var open and > 0)
        {
            var types = symbol[(open + 1)..].TrimEnd(')').Split(',').Select(t => CatalogSearch.Type(null, t)?.Oid ?? 0).ToArray();
            found = FunctionRegistry.BuiltIn.Operators(symbol[..open].Trim()).Where(o => types.Length == 2 && (o.Left?.Oid ?? 0) == types[0] && o.Right.Oid == types[1]);
        }
        else
        {
            found = FunctionRegistry.BuiltIn.Operators(symbol);
        }

        var list = found.Take(2).ToList();
        error = list.Count switch
        {
            0 => new SqlException(SqlState.UndefinedFunction, $"operator does not exist: {text}"),
            1 => null,
            _ => new SqlException(SqlState.AmbiguousFunction, $"more than one operator named {text}"),
        };
        return error is null ? list[0].Oid : null;
    }
}
