using Chitin.Core.Types;

namespace Chitin.Catalog;

/// <summary>What an object id refers to.</summary>
public enum ObjectKind : byte { Database, Schema, Table, View, Sequence, Type, Index, Role, Function, System }

/// <summary>What every named object has. Ids are unique across all kinds of one server and double as PostgreSQL OIDs.</summary>
public abstract record Descriptor
{
    public required uint Id { get; init; }

    public required string Name { get; init; }

    public uint Owner { get; init; } = RoleIds.Root;

    public ImmutableArray<AclEntry> Acl { get; init; } = [];

    /// <summary>Rises by one with every change; plans and statements remember it.</summary>
    public int Version { get; init; } = 1;

    public string? Comment { get; init; }

    public abstract ObjectKind Kind { get; }
}

public sealed record DatabaseDescriptor : Descriptor
{
    public override ObjectKind Kind => ObjectKind.Database;
}

public sealed record SchemaDescriptor : Descriptor
{
    public required uint DatabaseId { get; init; }

    public override ObjectKind Kind => ObjectKind.Schema;
}

/// <summary>A relation: something that FROM may name.</summary>
public abstract record RelationDescriptor : Descriptor
{
    public required uint DatabaseId { get; init; }

    public required uint SchemaId { get; init; }

    /// <summary>In ordinal order, dropped ones left out.</summary>
    public ImmutableArray<ColumnDescriptor> Columns { get; init; } = [];

    /// <summary>Set for a temporary relation: the session that alone may see it.</summary>
    public long? TemporarySession { get; init; }
}

public enum IdentityKind : byte { None, Always, ByDefault }

public sealed record ColumnDescriptor
{
    /// <summary>Stable for the column's life and never reused in its table; also pg_attribute.attnum. From 1.</summary>
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required SqlType Type { get; init; }

    public int TypeModifier { get; init; } = -1;

    /// <summary>The type of what is stored: below a domain its base type.</summary>
    public SqlType ValueType => DomainType.Base(Type);

    public int ValueModifier => DomainType.Base(Type, TypeModifier).Modifier;

    public bool NotNull { get; init; }

    /// <summary>The default as SQL text, deparsed with qualified names; null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>GENERATED ALWAYS AS (…) STORED: the expression as SQL text.</summary>
    public string? Generated { get; init; }

    public IdentityKind Identity { get; init; }

    /// <summary>The sequence that serial or identity owns; 0 when none.</summary>
    public uint OwnedSequence { get; init; }

    /// <summary>The hidden row id of a table without a primary key: not in SELECT *, not in the catalog views.</summary>
    public bool Hidden { get; init; }

    /// <summary>GRANT SELECT (a): privileges on this column alone.</summary>
    public ImmutableArray<AclEntry> Acl { get; init; } = [];

    public string? Comment { get; init; }
}

public enum IndexState : byte
{
    /// <summary>Writes maintain it, reads do not use it: it is being filled.</summary>
    WriteOnly,
    Public,
}

/// <summary>A part of an index key: a column (ColumnId) or an expression (SQL text), with its direction.</summary>
public sealed record IndexPart
{
    public int ColumnId { get; init; }

    public string? Expression { get; init; }

    /// <summary>The type of the expression; for a column the column's.</summary>
    public required SqlType Type { get; init; }

    public bool Descending { get; init; }

    /// <summary>Defaults as in PostgreSQL: last when ascending, first when descending.</summary>
    public bool NullsFirst { get; init; }
}

public sealed record IndexDescriptor
{
    /// <summary>An object id of the server (pg_class has a row for it).</summary>
    public required uint Id { get; init; }

    /// <summary>The number in the table's keys; the primary index is 1. Never reused in its table.</summary>
    public required ushort KeyId { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<IndexPart> Parts { get; init; }

    public bool Unique { get; init; }

    public bool NullsNotDistinct { get; init; }

    /// <summary>INCLUDE columns, by id.</summary>
    public ImmutableArray<int> Included { get; init; } = [];

    /// <summary>The WHERE of a partial index as SQL text.</summary>
    public string? Predicate { get; init; }

    public IndexState State { get; init; } = IndexState.Public;

    /// <summary>The name of the UNIQUE or PRIMARY KEY constraint that this index carries; null for a plain index.</summary>
    public string? Constraint { get; init; }

    /// <summary>
    /// UNIQUE … DEFERRABLE: then <see cref="Unique"/> is false, entries are those of a plain index, and duplicates are looked for at the statement's end or at commit.
    /// </summary>
    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }

    public string? Comment { get; init; }

    /// <summary>COMMENT ON CONSTRAINT: that of <see cref="Constraint"/>, not of the index.</summary>
    public string? ConstraintComment { get; init; }
}

public sealed record CheckConstraint(string Name, string Expression, ImmutableArray<int> ColumnIds, bool Validated = true, bool NoInherit = false, string? Comment = null);

public enum ForeignKeyAction : byte { NoAction, Restrict, Cascade, SetNull, SetDefault }

public enum ForeignKeyMatch : byte { Simple, Full }

public sealed record ForeignKey
{
    /// <summary>An object id (pg_constraint).</summary>
    public required uint Id { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<int> Columns { get; init; }

    public required uint ReferencedTable { get; init; }

    public required ImmutableArray<int> ReferencedColumns { get; init; }

    /// <summary>The unique or primary index of the referenced table that proves the key, by object id.</summary>
    public required uint ReferencedIndex { get; init; }

    public ForeignKeyMatch Match { get; init; }

    public ForeignKeyAction OnDelete { get; init; }

    public ForeignKeyAction OnUpdate { get; init; }

    /// <summary>ON DELETE SET NULL (a, b): only these; empty = all.</summary>
    public ImmutableArray<int> SetColumns { get; init; } = [];

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }

    public bool Validated { get; init; } = true;

    public string? Comment { get; init; }
}

[Flags]
public enum PolicyCommands : byte { None = 0, Select = 1, Insert = 2, Update = 4, Delete = 8, All = Select | Insert | Update | Delete }

/// <summary>A row-level policy: which rows of its table some roles may see or write.</summary>
public sealed record RowPolicy
{
    /// <summary>An object id (pg_policy).</summary>
    public required uint Id { get; init; }

    public required string Name { get; init; }

    public required PolicyCommands Commands { get; init; }

    /// <summary>Joined with AND; permissive ones are joined with OR.</summary>
    public bool Restrictive { get; init; }

    /// <summary>The roles whose members it binds; empty = everybody.</summary>
    public ImmutableArray<uint> Roles { get; init; } = [];

    /// <summary>USING as SQL text over the table's columns; null when not given.</summary>
    public string? Using { get; init; }

    /// <summary>WITH CHECK as SQL text; null when not given.</summary>
    public string? Check { get; init; }

    /// <summary>Ids of the table's columns that either expression reads.</summary>
    public ImmutableArray<int> Columns { get; init; } = [];

    /// <summary>Relations that subqueries in the expressions read: dropping one of them needs CASCADE.</summary>
    public ImmutableArray<uint> DependsOn { get; init; } = [];

    /// <summary>What the expressions call the table: its name when they were written.</summary>
    public string? Alias { get; init; }
}

public sealed record TableDescriptor : RelationDescriptor
{
    public override ObjectKind Kind => ObjectKind.Table;

    /// <summary>Rows live here: key = primary key parts, value = all other columns. Always present (a hidden row id makes one when the user gave none).</summary>
    public required IndexDescriptor PrimaryIndex { get; init; }

    /// <summary>Secondary indexes.</summary>
    public ImmutableArray<IndexDescriptor> Indexes { get; init; } = [];

    public ImmutableArray<CheckConstraint> Checks { get; init; } = [];

    public ImmutableArray<ForeignKey> ForeignKeys { get; init; } = [];

    /// <summary>Tables that have a foreign key to this one (kept in step by DDL), so that deletes find them.</summary>
    public ImmutableArray<uint> ReferencedBy { get; init; } = [];

    public int NextColumnId { get; init; } = 1;

    public ushort NextIndexKeyId { get; init; } = 2;

    /// <summary>The table id in keys. Equals Id until TRUNCATE gives the table a fresh key space.</summary>
    public required uint StorageId { get; init; }

    /// <summary>EXPERIMENTAL_AUDIT SET READ WRITE.</summary>
    public bool Audited { get; init; }

    /// <summary>ENABLE ROW LEVEL SECURITY: without it policies have no effect.</summary>
    public bool RowSecurity { get; init; }

    /// <summary>FORCE ROW LEVEL SECURITY: the owner is bound too.</summary>
    public bool ForceRowSecurity { get; init; }

    public ImmutableArray<RowPolicy> Policies { get; init; } = [];

    public bool HasUserPrimaryKey => PrimaryIndex.Constraint is not null;
}

public sealed record ViewDescriptor : RelationDescriptor
{
    public override ObjectKind Kind => ObjectKind.View;

    /// <summary>The defining query as SQL text with every name qualified.</summary>
    public required string Query { get; init; }

    /// <summary>Relations that the query reads: dropping one of them needs CASCADE.</summary>
    public ImmutableArray<uint> DependsOn { get; init; } = [];

    public bool SecurityInvoker { get; init; }
}

public sealed record SequenceDescriptor : RelationDescriptor
{
    public override ObjectKind Kind => ObjectKind.Sequence;

    public required SqlType DataType { get; init; }

    public long Start { get; init; } = 1;

    public long Increment { get; init; } = 1;

    public long Minimum { get; init; } = 1;

    public long Maximum { get; init; } = long.MaxValue;

    public long Cache { get; init; } = 1;

    public bool Cycle { get; init; }

    /// <summary>OWNED BY: the table and column whose drop takes the sequence along; 0 when free.</summary>
    public uint OwnerTable { get; init; }

    public int OwnerColumn { get; init; }
}

/// <summary>An enum, domain or composite type; what makes it lives in the <see cref="SqlType"/> itself (Core.Types.EnumType, DomainType, CompositeType).</summary>
public sealed record TypeDescriptor : Descriptor
{
    public override ObjectKind Kind => ObjectKind.Type;

    public required uint DatabaseId { get; init; }

    public required uint SchemaId { get; init; }

    public required SqlType Type { get; init; }
}

[Flags]
public enum RoleOptions : uint
{
    None = 0,
    Login = 1,
    CreateRole = 2,
    CreateDb = 4,
    CreateLogin = 8,
    ControlJob = 16,
    Replication = 32,
    BypassRls = 64,
    ModifyClusterSetting = 128,
    CancelQuery = 256,
    ControlChangefeed = 512,
    ViewActivity = 1024,
    ViewActivityRedacted = 2048,
    ViewClusterSetting = 4096,
    NoSqlLogin = 8192,
    NoInherit = 16384,
}

/// <summary>A user or role (one kind of object; a user has LOGIN).</summary>
public sealed record RoleDescriptor : Descriptor
{
    public override ObjectKind Kind => ObjectKind.Role;

    public RoleOptions Options { get; init; }

    /// <summary>The verifier as stored (SCRAM-SHA-256$… or CRDB-BCRYPT$…), never the password. Null = password login impossible.</summary>
    public string? PasswordVerifier { get; init; }

    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>SUBJECT: the distinguished name that a certificate must carry.</summary>
    public string? Subject { get; init; }

    public int ConnectionLimit { get; init; } = -1;

    /// <summary>Roles that this one is a member of.</summary>
    public ImmutableArray<RoleMembership> MemberOf { get; init; } = [];

    /// <summary>ALTER ROLE … SET: per database id (0 = all), name and value.</summary>
    public ImmutableArray<RoleSetting> Settings { get; init; } = [];

    public bool CanLogin => (Options & RoleOptions.Login) != 0;

    /// <summary>Never the verifier.</summary>
    public override string ToString() => $"role {Id}";
}

public sealed record RoleMembership(uint Role, bool AdminOption, uint Grantor);

public sealed record RoleSetting(uint DatabaseId, string Name, string Value);

/// <summary>Planner statistics of a table, made by ANALYZE; versioned apart from the descriptor so that ANALYZE invalidates no DDL.</summary>
public sealed record TableStatistics(uint TableId, double RowCount, ImmutableArray<ColumnStatistics> Columns);

/// <summary>Distinct: number of distinct values (negative = fraction of rows, as pg_stats.n_distinct). Bounds are histogram bounds in the type's key encoding.</summary>
public sealed record ColumnStatistics(int ColumnId, double NullFraction, double Distinct, double AverageWidth, ImmutableArray<byte[]> Histogram, ImmutableArray<(byte[] Key, double Frequency)> MostCommon);
