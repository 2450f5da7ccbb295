using System.Diagnostics.CodeAnalysis;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Storage;

namespace Chitin.Sql.Execution;

/// <summary>
/// A catalog that remembers every question asked of it, also those without an answer: a plan stands under another picture of the catalog when all its questions have the same answers
/// there. Descriptors are immutable, so the same answer is the same object.
/// </summary>
internal sealed class CatalogUses(ICatalogSnapshot catalog, IOidNames? names) : ICatalogSnapshot, IOidNames
{
    private readonly Dictionary<Question, object?> _answers = [];
    private readonly Dictionary<(uint Type, string Name), uint> _oids = [];

    /// <summary>Something was enumerated: any change may matter.</summary>
    private bool _usesAll;

    private enum Kind : byte { Database, Schema, Relation, Type, Role, Index, Id, TypeOid, Statistics }

    public long Version => catalog.Version;

    public IEnumerable<DatabaseDescriptor> Databases => All(catalog.Databases);

    public IEnumerable<RoleDescriptor> Roles => All(catalog.Roles);

    public ImmutableSortedDictionary<string, string> ClusterSettings => All(catalog.ClusterSettings);

    public ImmutableArray<DefaultPrivilege> DefaultPrivileges => All(catalog.DefaultPrivileges);

    /// <summary>Whether another picture, and what names stand for there, gives the same answers.</summary>
    public bool Hold(ICatalogSnapshot other, IOidNames? otherNames)
    {
        if (_usesAll)
            return false;
        foreach (var (question, answer) in _answers)
        {
            if (!ReferenceEquals(Ask(other, question), answer))
                return false;
        }

        foreach (var ((type, name), oid) in _oids)
        {
            if (otherNames is null || !Resolves(otherNames, type, name, oid))
                return false;
        }

        return true;
    }

    public bool TryGetDatabase(string name, [NotNullWhen(true)] out DatabaseDescriptor? database) => Answer(new Question(Kind.Database, 0, name), out database);

    public bool TryGetSchema(uint databaseId, string name, [NotNullWhen(true)] out SchemaDescriptor? schema) => Answer(new Question(Kind.Schema, databaseId, name), out schema);

    public bool TryGetRelation(uint schemaId, string name, [NotNullWhen(true)] out RelationDescriptor? relation) => Answer(new Question(Kind.Relation, schemaId, name), out relation);

    public bool TryGetType(uint schemaId, string name, [NotNullWhen(true)] out TypeDescriptor? type) => Answer(new Question(Kind.Type, schemaId, name), out type);

    public bool TryGetRole(string name, [NotNullWhen(true)] out RoleDescriptor? role) => Answer(new Question(Kind.Role, 0, name), out role);

    public bool TryGetIndex(uint schemaId, string name, [NotNullWhen(true)] out TableDescriptor? table, [NotNullWhen(true)] out IndexDescriptor? index)
    {
        // The table's descriptor holds its indexes.
        Answer<TableDescriptor>(new Question(Kind.Index, schemaId, name), out _);
        return catalog.TryGetIndex(schemaId, name, out table, out index);
    }

    public bool TryGet<T>(uint id, [NotNullWhen(true)] out T? descriptor)
        where T : Descriptor => Answer(new Question(Kind.Id, id, ""), out descriptor);

    public IEnumerable<SchemaDescriptor> Schemas(uint databaseId) => All(catalog.Schemas(databaseId));

    public IEnumerable<RelationDescriptor> Relations(uint schemaId) => All(catalog.Relations(schemaId));

    public IEnumerable<RelationDescriptor> AllRelations => All(catalog.AllRelations);

    public IEnumerable<TypeDescriptor> Types(uint schemaId) => All(catalog.Types(schemaId));

    public SqlType? TypeByOid(uint oid)
    {
        if (SqlTypes.TryGetByOid(oid) is { } known)
            return known;
        Answer<SqlType>(new Question(Kind.TypeOid, oid, ""), out var type);
        return type;
    }

    public TableStatistics? Statistics(uint tableId)
    {
        Answer<TableStatistics>(new Question(Kind.Statistics, tableId, ""), out var statistics);
        return statistics;
    }

    public Timestamp DataChangedAt(uint tableId) => catalog.DataChangedAt(tableId);

    uint IOidNames.Resolve(uint regType, string name)
    {
        if (names is null)
            throw new InvariantException("names are resolved where a session can");
        var oid = names.Resolve(regType, name);
        _oids[(regType, name)] = oid;
        return oid;
    }

    string? IOidNames.Name(uint regType, uint oid) => All(names)?.Name(regType, oid);

    private T All<T>(T answer)
    {
        _usesAll = true;
        return answer;
    }

    private bool Answer<T>(Question question, [NotNullWhen(true)] out T? answer)
        where T : class
    {
        if (!_answers.TryGetValue(question, out var known))
            _answers.Add(question, known = Ask(catalog, question));
        answer = known as T;
        return answer is not null;
    }

    private static object? Ask(ICatalogSnapshot catalog, in Question question) => question.Kind switch
    {
        Kind.Database => catalog.TryGetDatabase(question.Name, out var found) ? found : null,
        Kind.Schema => catalog.TryGetSchema(question.Id, question.Name, out var found) ? found : null,
        Kind.Relation => catalog.TryGetRelation(question.Id, question.Name, out var found) ? found : null,
        Kind.Type => catalog.TryGetType(question.Id, question.Name, out var found) ? found : null,
        Kind.Role => catalog.TryGetRole(question.Name, out var found) ? found : null,
        Kind.Index => catalog.TryGetIndex(question.Id, question.Name, out var found, out _) ? found : null,
        Kind.Id => catalog.TryGet<Descriptor>(question.Id, out var found) ? found : null,
        Kind.TypeOid => catalog.TypeByOid(question.Id),
        _ => catalog.Statistics(question.Id),
    };

    private static bool Resolves(IOidNames names, uint type, string name, uint oid)
    {
        try
        {
            return names.Resolve(type, name) == oid;
        }
        catch (SqlException)
        {
            // The name is gone or has become ambiguous: binding again will say so.
            return false;
        }
    }

    private readonly record struct Question(Kind Kind, uint Id, string Name);
}
