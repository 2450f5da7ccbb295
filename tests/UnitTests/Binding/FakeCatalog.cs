using System.Diagnostics.CodeAnalysis;
using Chitin.Catalog;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Binding;
using Chitin.Sql.Syntax;

namespace Chitin.UnitTests.Binding;

/// <summary>A catalog of a few tables in one database: defaultdb with schemas public and app.</summary>
internal sealed class FakeCatalog : ICatalogSnapshot
{
    public const uint Alice = 101;
    public const uint Owner = 102;

    readonly Dictionary<uint, Descriptor> _descriptors = [];
    uint _nextId = 1000;

    public FakeCatalog()
    {
        Database = Add(new DatabaseDescriptor { Id = 50, Name = "defaultdb" });
        Public = Add(new SchemaDescriptor { Id = 51, Name = "public", DatabaseId = 50 });
        App = Add(new SchemaDescriptor { Id = 52, Name = "app", DatabaseId = 50 });
        Add(new RoleDescriptor { Id = Alice, Name = "alice", Options = RoleOptions.Login });
        Add(new RoleDescriptor { Id = Owner, Name = "owner" });
        Add(new RoleDescriptor { Id = RoleIds.Public, Name = "public" });
        Add(new RoleDescriptor { Id = RoleIds.Root, Name = "root" });
        T = Table("t", "a int!, b text, c numeric", "a");
        U = Table("u", "id int!, a int, b text, at timestamp", "id");
        Add(new TypeDescriptor { Id = 900, Name = "mood", DatabaseId = 50, SchemaId = 51, Type = SqlTypes.Text });
    }

    public DatabaseDescriptor Database { get; }

    public SchemaDescriptor Public { get; }

    public SchemaDescriptor App { get; }

    public TableDescriptor T { get; }

    public TableDescriptor U { get; }

    public long Version => 1;

    public T Add<T>(T descriptor) where T : Descriptor
    {
        _descriptors[descriptor.Id] = descriptor;
        return descriptor;
    }

    /// <summary>Columns as "name type[!]", ! for NOT NULL; key columns by name, none = a hidden row id.</summary>
    public TableDescriptor Table(string name, string columns, string key, Func<TableDescriptor, TableDescriptor>? change = null, uint schema = 51)
    {
        var list = columns.Split(", ").Select((c, i) =>
        {
            var parts = c.Split(' ');
            return new ColumnDescriptor { Id = i + 1, Name = parts[0], Type = SqlTypes.TryGetByName(parts[1].TrimEnd('!'))!, NotNull = c.EndsWith('!') };
        }).ToList();
        if (key.Length == 0)
            list.Add(new ColumnDescriptor { Id = list.Count + 1, Name = "rowid", Type = SqlTypes.Int8, NotNull = true, Hidden = true });
        var keys = key.Length == 0 ? ["rowid"] : key.Split(',');
        var id = _nextId++;
        var table = new TableDescriptor
        {
            Id = id, Name = name, DatabaseId = 50, SchemaId = schema, StorageId = id, Owner = Owner, Columns = [.. list],
            PrimaryIndex = new IndexDescriptor
            {
                Id = _nextId++, KeyId = 1, Name = name + "_pkey", Unique = true, Constraint = key.Length == 0 ? null : name + "_pkey",
                Parts = [.. keys.Select(k => list.First(c => c.Name == k)).Select(c => new IndexPart { ColumnId = c.Id, Type = c.Type })],
            },
        };
        return Add(change is null ? table : change(table));
    }

    public ViewDescriptor View(string name, string query, params (string Name, SqlType Type)[] columns) => Add(new ViewDescriptor
    {
        Id = _nextId++, Name = name, DatabaseId = 50, SchemaId = 51, Query = query, Owner = Owner,
        Columns = [.. columns.Select((c, i) => new ColumnDescriptor { Id = i + 1, Name = c.Name, Type = c.Type })],
    });

    public SequenceDescriptor Sequence(string name) => Add(new SequenceDescriptor { Id = _nextId++, Name = name, DatabaseId = 50, SchemaId = 51, DataType = SqlTypes.Int8 });

    public BindingContext Context(params SqlType?[] parameters) => new()
    {
        Catalog = this, Database = Database, SearchPath = [51], Principal = new Principal(Alice, "alice", Alice, "alice"), Parameters = new ParameterTypes([.. parameters]),
    };

    public BoundStatement Bind(string sql) => Binder.Bind(Parser.ParseStatements(sql)[0], Context());

    public bool TryGetDatabase(string name, [NotNullWhen(true)] out DatabaseDescriptor? database) => (database = _descriptors.Values.OfType<DatabaseDescriptor>().FirstOrDefault(d => d.Name == name)) is not null;

    public bool TryGetSchema(uint databaseId, string name, [NotNullWhen(true)] out SchemaDescriptor? schema) =>
        (schema = _descriptors.Values.OfType<SchemaDescriptor>().FirstOrDefault(d => d.Name == name && d.DatabaseId == databaseId)) is not null;

    public bool TryGetRelation(uint schemaId, string name, [NotNullWhen(true)] out RelationDescriptor? relation) =>
        (relation = _descriptors.Values.OfType<RelationDescriptor>().FirstOrDefault(d => d.Name == name && d.SchemaId == schemaId)) is not null;

    public bool TryGetType(uint schemaId, string name, [NotNullWhen(true)] out TypeDescriptor? type) =>
        (type = _descriptors.Values.OfType<TypeDescriptor>().FirstOrDefault(d => d.Name == name && d.SchemaId == schemaId)) is not null;

    public bool TryGetRole(string name, [NotNullWhen(true)] out RoleDescriptor? role) => (role = _descriptors.Values.OfType<RoleDescriptor>().FirstOrDefault(d => d.Name == name)) is not null;

    public bool TryGetIndex(uint schemaId, string name, [NotNullWhen(true)] out TableDescriptor? table, [NotNullWhen(true)] out IndexDescriptor? index)
    {
        foreach (var candidate in _descriptors.Values.OfType<TableDescriptor>().Where(t => t.SchemaId == schemaId))
        {
            foreach (var found in candidate.Indexes.Append(candidate.PrimaryIndex).Where(i => i.Name == name))
            {
                (table, index) = (candidate, found);
                return true;
            }
        }

        (table, index) = (null, null);
        return false;
    }

    public bool TryGet<T>(uint id, [NotNullWhen(true)] out T? descriptor) where T : Descriptor => (descriptor = _descriptors.GetValueOrDefault(id) as T) is not null;

    public IEnumerable<DatabaseDescriptor> Databases => _descriptors.Values.OfType<DatabaseDescriptor>();

    public IEnumerable<SchemaDescriptor> Schemas(uint databaseId) => _descriptors.Values.OfType<SchemaDescriptor>().Where(s => s.DatabaseId == databaseId);

    public IEnumerable<RelationDescriptor> Relations(uint schemaId) => _descriptors.Values.OfType<RelationDescriptor>().Where(r => r.SchemaId == schemaId);

    public IEnumerable<RelationDescriptor> AllRelations => _descriptors.Values.OfType<RelationDescriptor>();

    public IEnumerable<TypeDescriptor> Types(uint schemaId) => _descriptors.Values.OfType<TypeDescriptor>().Where(t => t.SchemaId == schemaId);

    public IEnumerable<RoleDescriptor> Roles => _descriptors.Values.OfType<RoleDescriptor>();

    public SqlType? TypeByOid(uint oid) => SqlTypes.TryGetByOid(oid);

    public TableStatistics? Statistics(uint tableId) => null;

    public ImmutableSortedDictionary<string, string> ClusterSettings => ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<DefaultPrivilege> DefaultPrivileges => [];
}
