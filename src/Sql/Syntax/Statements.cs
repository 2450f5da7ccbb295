namespace Chitin.Sql.Syntax;

/// <summary>One statement. Text is the source between the separators, for logs at Debug, pg_stat_activity and the audit record.</summary>
public abstract record Statement : SyntaxNode
{
    public string Text { get; init; } = "";
}

public sealed record QueryStatement(QueryExpression Query) : Statement
{
    /// <summary>The query of a cursor: its rows can be named by WHERE CURRENT OF.</summary>
    public bool IsCursor { get; init; }
}

// ---- Data manipulation

public sealed record InsertStatement(ObjectName Table) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Where each column is named.</summary>
    public ImmutableArray<int> ColumnPositions { get; init; } = [];

    /// <summary>Per column the element or slice that its values go to; empty when no column has any.</summary>
    public ImmutableArray<ImmutableArray<ArraySubscript>> Subscripts { get; init; } = [];

    /// <summary>Null for DEFAULT VALUES.</summary>
    public QueryExpression? Source { get; init; }

    /// <summary>OVERRIDING SYSTEM VALUE = true, USER VALUE = false.</summary>
    public bool? OverridingSystemValue { get; init; }

    public OnConflictClause? OnConflict { get; init; }

    /// <summary>CockroachDB's UPSERT INTO.</summary>
    public bool Upsert { get; init; }

    public ImmutableArray<SelectItem> Returning { get; init; } = [];
}

/// <summary>ON CONFLICT [(parts) [WHERE …] | ON CONSTRAINT name] DO NOTHING | DO UPDATE SET … [WHERE …].</summary>
public sealed record OnConflictClause(ImmutableArray<IndexPartSyntax> Target, SyntaxExpression? TargetWhere, string? Constraint, bool DoNothing,
    ImmutableArray<Assignment> Assignments, SyntaxExpression? Where) : SyntaxNode;

/// <summary>SET a = x, or SET (a, b) = (x, y) | ROW(…) | (query): with several columns Value is a RowExpression or ScalarSubqueryExpression.</summary>
public sealed record Assignment(ImmutableArray<string> Columns, SyntaxExpression Value, bool IsMultiple = false) : SyntaxNode
{
    /// <summary>column[…] = value: the part of an array that is assigned; empty for a whole column.</summary>
    public ImmutableArray<ArraySubscript> Subscripts { get; init; } = [];

    /// <summary>column.field = value: the path into a composite column.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];
}

public sealed record UpdateStatement(ObjectName Table, ImmutableArray<Assignment> Assignments) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    public ImmutableArray<TableReference> From { get; init; } = [];

    public SyntaxExpression? Where { get; init; }

    public ImmutableArray<SelectItem> Returning { get; init; } = [];
}

public sealed record DeleteStatement(ObjectName Table) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    public ImmutableArray<TableReference> Using { get; init; } = [];

    public SyntaxExpression? Where { get; init; }

    public ImmutableArray<SelectItem> Returning { get; init; } = [];
}

public enum MergeKind : byte { DoNothing, Update, Delete, Insert }

/// <summary>WHEN [NOT] MATCHED [AND condition] THEN ….</summary>
public sealed record MergeAction(bool Matched, MergeKind Kind) : SyntaxNode
{
    public SyntaxExpression? Condition { get; init; }

    public ImmutableArray<Assignment> Assignments { get; init; } = [];

    public ImmutableArray<string> Columns { get; init; } = [];

    public ImmutableArray<int> ColumnPositions { get; init; } = [];

    /// <summary>As <see cref="InsertStatement.Subscripts"/>.</summary>
    public ImmutableArray<ImmutableArray<ArraySubscript>> Subscripts { get; init; } = [];

    /// <summary>One row of VALUES; null for DEFAULT VALUES.</summary>
    public QueryExpression? Values { get; init; }

    public bool? OverridingSystemValue { get; init; }
}

/// <summary>MERGE INTO table USING source ON condition WHEN ….</summary>
public sealed record MergeStatement(ObjectName Table, TableReference Source, SyntaxExpression Condition, ImmutableArray<MergeAction> Actions) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }
}

public sealed record TruncateStatement(ImmutableArray<ObjectName> Tables, bool RestartIdentity, bool Cascade) : Statement;

public enum CopyFormat : byte { Text, Csv, Binary }

public sealed record CopyStatement : Statement
{
    public ObjectName? Table { get; init; }

    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>COPY (query) TO.</summary>
    public Statement? Query { get; init; }

    /// <summary>FROM (in) or TO (out).</summary>
    public required bool IsFrom { get; init; }

    /// <summary>A server file name: refused; only STDIN and STDOUT are served. Null = STDIN/STDOUT.</summary>
    public string? FileName { get; init; }

    public CopyFormat Format { get; init; }

    public string? Delimiter { get; init; }

    public string? NullText { get; init; }

    public bool Header { get; init; }

    public bool HeaderMatch { get; init; }

    public string? Quote { get; init; }

    public string? Escape { get; init; }

    public bool ForceQuoteAll { get; init; }

    public ImmutableArray<string> ForceQuote { get; init; } = [];

    public ImmutableArray<string> ForceNotNull { get; init; } = [];

    public ImmutableArray<string> ForceNull { get; init; } = [];

    public string? Encoding { get; init; }

    public SyntaxExpression? Where { get; init; }
}

// ---- Tables

public abstract record TableElement : SyntaxNode;

public sealed record ColumnDefinition(string Name, TypeName Type) : TableElement
{
    public ImmutableArray<ColumnConstraint> Constraints { get; init; } = [];

    public ImmutableArray<string> Collation { get; init; } = [];

    /// <summary>CockroachDB's FAMILY on a column: accepted and ignored.</summary>
    public string? Family { get; init; }
}

public abstract record ColumnConstraint : SyntaxNode
{
    public string? Name { get; init; }
}

public sealed record NotNullConstraint(bool NotNull) : ColumnConstraint;

public sealed record DefaultConstraint(SyntaxExpression Expression) : ColumnConstraint;

public sealed record GeneratedConstraint(SyntaxExpression Expression) : ColumnConstraint;

public sealed record IdentityConstraint(bool Always, SequenceOptions Options) : ColumnConstraint;

public sealed record UniqueColumnConstraint(bool PrimaryKey, bool NullsNotDistinct = false) : ColumnConstraint
{
    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }
}

public sealed record CheckColumnConstraint(SyntaxExpression Expression, bool NoInherit = false) : ColumnConstraint;

public sealed record ReferencesConstraint(ReferencesClause References) : ColumnConstraint;

public sealed record ReferencesClause(ObjectName Table, ImmutableArray<string> Columns) : SyntaxNode
{
    public bool MatchFull { get; init; }

    public ReferentialAction OnDelete { get; init; }

    public ReferentialAction OnUpdate { get; init; }

    /// <summary>ON DELETE SET NULL (columns).</summary>
    public ImmutableArray<string> SetColumns { get; init; } = [];

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }

    public bool NotValid { get; init; }
}

public enum ReferentialAction : byte { NoAction, Restrict, Cascade, SetNull, SetDefault }

public abstract record TableConstraint : TableElement
{
    public string? Name { get; init; }
}

/// <summary>UNIQUE or PRIMARY KEY (columns) [INCLUDE (…)]. UsingIndex: ADD CONSTRAINT … USING INDEX name.</summary>
public sealed record UniqueTableConstraint(bool PrimaryKey, ImmutableArray<IndexPartSyntax> Columns) : TableConstraint
{
    public bool NullsNotDistinct { get; init; }

    public ImmutableArray<string> Include { get; init; } = [];

    public string? UsingIndex { get; init; }

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }
}

public sealed record CheckTableConstraint(SyntaxExpression Expression) : TableConstraint
{
    public bool NotValid { get; init; }

    public bool NoInherit { get; init; }
}

public sealed record ForeignKeyTableConstraint(ImmutableArray<string> Columns, ReferencesClause References) : TableConstraint;

/// <summary>CockroachDB's INDEX and UNIQUE INDEX inside CREATE TABLE.</summary>
public sealed record IndexTableElement(string? Name, bool Unique, ImmutableArray<IndexPartSyntax> Parts, ImmutableArray<string> Include, SyntaxExpression? Where) : TableElement;

/// <summary>LIKE t [INCLUDING …]: option names in upper case.</summary>
public sealed record LikeTableElement(ObjectName Table, ImmutableArray<string> Including, ImmutableArray<string> Excluding) : TableElement;

/// <summary>CockroachDB's FAMILY (…): accepted and ignored.</summary>
public sealed record FamilyTableElement(string? Name, ImmutableArray<string> Columns) : TableElement;

public sealed record CreateTableStatement(ObjectName Name, ImmutableArray<TableElement> Elements) : Statement
{
    public bool IfNotExists { get; init; }

    public bool Temporary { get; init; }

    public bool Unlogged { get; init; }

    /// <summary>WITH (name = value), accepted where harmless.</summary>
    public ImmutableArray<(string Name, string Value)> Options { get; init; } = [];

    /// <summary>DELETE ROWS, DROP or PRESERVE ROWS.</summary>
    public string? OnCommit { get; init; }
}

public sealed record CreateTableAsStatement(ObjectName Name, ImmutableArray<string> Columns, Statement Query) : Statement
{
    public bool IfNotExists { get; init; }

    public bool Temporary { get; init; }

    public bool WithNoData { get; init; }

    /// <summary>DROP, DELETE ROWS or PRESERVE ROWS.</summary>
    public string? OnCommit { get; init; }
}

public enum AlterObjectKind : byte { Table, View, Sequence, Index, Schema, Database, Type, Column, Constraint, Domain, DomainConstraint }

/// <summary>ALTER TABLE [IF EXISTS] name action, ….</summary>
public sealed record AlterTableStatement(ObjectName Table, ImmutableArray<AlterTableAction> Actions, bool IfExists) : Statement;

public abstract record AlterTableAction : SyntaxNode;

public sealed record AddColumnAction(ColumnDefinition Column, bool IfNotExists) : AlterTableAction;

public sealed record DropColumnAction(string Column, bool IfExists, bool Cascade) : AlterTableAction;

public sealed record SetDefaultAction(string Column, SyntaxExpression? Default) : AlterTableAction;

public sealed record SetNotNullAction(string Column, bool NotNull) : AlterTableAction;

public sealed record SetTypeAction(string Column, TypeName Type, SyntaxExpression? Using) : AlterTableAction;

public sealed record AddIdentityAction(string Column, IdentityConstraint Identity) : AlterTableAction;

public sealed record SetIdentityAction(string Column, bool? Always, SequenceOptions Options) : AlterTableAction;

public sealed record DropIdentityAction(string Column, bool IfExists) : AlterTableAction;

public sealed record DropExpressionAction(string Column, bool IfExists) : AlterTableAction;

public sealed record AddConstraintAction(TableConstraint Constraint, bool IfNotExists = false) : AlterTableAction;

public sealed record DropConstraintAction(string Name, bool IfExists, bool Cascade) : AlterTableAction;

public sealed record ValidateConstraintAction(string Name) : AlterTableAction;

public sealed record AlterConstraintAction(string Name, bool Deferrable, bool InitiallyDeferred) : AlterTableAction;

/// <summary>EXPERIMENTAL_AUDIT SET READ WRITE | OFF.</summary>
public sealed record SetAuditAction(bool ReadWrite) : AlterTableAction;

/// <summary>CLUSTER ON, SET (…), SET STORAGE, SET STATISTICS, REPLICA IDENTITY … : accepted without effect; Kind is for the log.</summary>
public sealed record IgnoredAction(string Kind) : AlterTableAction;

/// <summary>ENABLE, DISABLE, FORCE, NO FORCE row level security.</summary>
public sealed record RowSecurityAction(string Mode) : AlterTableAction;

/// <summary>RENAME of any object; for a column or constraint Member is its old name.</summary>
public sealed record RenameStatement(AlterObjectKind Kind, ObjectName Name, string? Member, string NewName, bool IfExists) : Statement
{
    /// <summary>The new name of a relation as written: with a schema or database it must be the one where the relation is.</summary>
    public ObjectName? Target { get; init; }
}

public sealed record SetSchemaStatement(AlterObjectKind Kind, ObjectName Name, string Schema, bool IfExists) : Statement;

/// <summary>OWNER TO role. Role "current_user" and "session_user" arrive as RoleName with its Special set.</summary>
public sealed record AlterOwnerStatement(AlterObjectKind Kind, ObjectName Name, RoleName Owner, bool IfExists) : Statement;

/// <summary>DROP TABLE | VIEW | SEQUENCE | INDEX | SCHEMA | DATABASE | TYPE.</summary>
public sealed record DropStatement(AlterObjectKind Kind, ImmutableArray<ObjectName> Names, bool IfExists, bool Cascade) : Statement
{
    /// <summary>DROP INDEX CONCURRENTLY.</summary>
    public bool Concurrently { get; init; }
}

public sealed record IndexPartSyntax(string? Column, SyntaxExpression? Expression, bool Descending, bool? NullsFirst) : SyntaxNode;

public sealed record CreateIndexStatement(string? Name, ObjectName Table, ImmutableArray<IndexPartSyntax> Parts) : Statement
{
    public bool Unique { get; init; }

    public bool IfNotExists { get; init; }

    public bool Concurrently { get; init; }

    public string? Method { get; init; }

    public ImmutableArray<string> Include { get; init; } = [];

    public SyntaxExpression? Where { get; init; }

    public bool NullsNotDistinct { get; init; }
}

public sealed record CreateViewStatement(ObjectName Name, ImmutableArray<string> Columns, QueryExpression Query) : Statement
{
    public bool OrReplace { get; init; }

    public bool IfNotExists { get; init; }

    public bool Temporary { get; init; }

    public bool Recursive { get; init; }

    public bool SecurityInvoker { get; init; }

    /// <summary>LOCAL or CASCADED CHECK OPTION; null without.</summary>
    public string? CheckOption { get; init; }

    /// <summary>The text of the query as written.</summary>
    public string QueryText { get; init; } = "";
}

/// <summary>Only what was written is set; NO MINVALUE sets NoMinimum.</summary>
public sealed record SequenceOptions
{
    public static SequenceOptions None { get; } = new();

    public TypeName? As { get; init; }

    public long? Increment { get; init; }

    public long? Minimum { get; init; }

    public bool NoMinimum { get; init; }

    public long? Maximum { get; init; }

    public bool NoMaximum { get; init; }

    public long? Start { get; init; }

    /// <summary>RESTART [WITH n]: Restart true, n may be null.</summary>
    public bool Restart { get; init; }

    public long? RestartWith { get; init; }

    public long? Cache { get; init; }

    public bool? Cycle { get; init; }

    /// <summary>OWNED BY t.c; OwnedByNone for NONE.</summary>
    public ObjectName? OwnedBy { get; init; }

    public bool OwnedByNone { get; init; }
}

public sealed record CreateSequenceStatement(ObjectName Name, SequenceOptions Options, bool IfNotExists, bool Temporary) : Statement;

public sealed record AlterSequenceStatement(ObjectName Name, SequenceOptions Options, bool IfExists) : Statement;

public sealed record CreateSchemaStatement(string? Name, RoleName? Authorization, bool IfNotExists) : Statement
{
    /// <summary>CockroachDB's database.schema.</summary>
    public string? Database { get; init; }

    /// <summary>Objects created with the schema.</summary>
    public ImmutableArray<Statement> Elements { get; init; } = [];
}

public sealed record CreateDatabaseStatement(string Name, bool IfNotExists) : Statement
{
    public RoleName? Owner { get; init; }

    public ImmutableArray<(string Name, string Value)> Options { get; init; } = [];
}

public sealed record CreateEnumStatement(ObjectName Name, ImmutableArray<string> Labels, bool IfNotExists = false) : Statement;

/// <summary>CREATE TYPE … AS (name type, …).</summary>
public sealed record CreateCompositeStatement(ObjectName Name, ImmutableArray<ColumnDefinition> Attributes) : Statement;

/// <summary>CREATE DOMAIN: Constraints are NotNullConstraint, DefaultConstraint and CheckColumnConstraint.</summary>
public sealed record CreateDomainStatement(ObjectName Name, TypeName Type, ImmutableArray<ColumnConstraint> Constraints) : Statement
{
    public ImmutableArray<string> Collation { get; init; } = [];
}

public enum DomainActionKind : byte { SetDefault, SetNotNull, AddCheck, DropConstraint, ValidateConstraint, RenameConstraint }

/// <summary>ALTER DOMAIN. Expression: the default (null drops it) or the check; Constraint: its name.</summary>
public sealed record AlterDomainStatement(ObjectName Name, DomainActionKind Kind) : Statement
{
    public SyntaxExpression? Expression { get; init; }

    public bool NotNull { get; init; }

    public string? Constraint { get; init; }

    public string? NewName { get; init; }

    public bool NotValid { get; init; }

    public bool IfExists { get; init; }
}

/// <summary>ALTER TYPE … ADD VALUE [IF NOT EXISTS] 'x' [BEFORE|AFTER 'y'].</summary>
public sealed record AddEnumValueStatement(ObjectName Type, string Label, bool IfNotExists, bool? Before, string? Neighbour) : Statement;

public sealed record RenameEnumValueStatement(ObjectName Type, string OldLabel, string NewLabel) : Statement;

/// <summary>COMMENT ON kind name IS text; for a column Name ends with the column.</summary>
public sealed record CommentStatement(AlterObjectKind Kind, ObjectName Name, string? Member, string? Comment) : Statement;

/// <summary>CREATE/DROP EXTENSION, FUNCTION and other statements that are known and refused with 0A000.</summary>
public sealed record UnsupportedStatement(string What) : Statement;

// ---- Transactions

public sealed record TransactionModes(string? Isolation = null, bool? ReadOnly = null, bool? Deferrable = null, SyntaxExpression? AsOf = null, string? Priority = null)
{
    public static TransactionModes None { get; } = new();
}

public sealed record BeginStatement(TransactionModes Modes) : Statement
{
    /// <summary>START TRANSACTION (another command tag).</summary>
    public bool IsStart { get; init; }
}

public sealed record CommitStatement(bool Chain = false) : Statement;

public sealed record RollbackStatement(bool Chain = false) : Statement;

public sealed record SavepointStatement(string Name) : Statement;

public sealed record ReleaseSavepointStatement(string Name) : Statement;

public sealed record RollbackToSavepointStatement(string Name) : Statement;

public sealed record SetTransactionStatement(TransactionModes Modes, bool SessionCharacteristics) : Statement;

public sealed record SetConstraintsStatement(ImmutableArray<ObjectName> Names, bool Deferred) : Statement;

public sealed record LockTableStatement(ImmutableArray<ObjectName> Tables, string Mode, bool NoWait) : Statement;

// ---- Session

/// <summary>SET [LOCAL|SESSION] name {TO|=} values; empty Values = DEFAULT. TIME ZONE arrives as "timezone", NAMES as "client_encoding", SCHEMA as "search_path".</summary>
public sealed record SetStatement(string Name, ImmutableArray<SyntaxExpression> Values, bool Local) : Statement
{
    /// <summary>SET CLUSTER SETTING.</summary>
    public bool Cluster { get; init; }
}

public sealed record SetRoleStatement(RoleName? Role, bool Local) : Statement;

public sealed record SetSessionAuthorizationStatement(RoleName? Role, bool Local = false) : Statement;

/// <summary>RESET name | ALL (Name null).</summary>
public sealed record ResetStatement(string? Name) : Statement
{
    public bool Cluster { get; init; }
}

public sealed record DiscardStatement(string What) : Statement;

/// <summary>
/// SHOW in all its forms. Kind is the upper-case head ("VARIABLE", "ALL", "TABLES", "COLUMNS", "INDEXES", "CONSTRAINTS", "CREATE", "DATABASES", "SCHEMAS", "SEQUENCES", "USERS", "ROLES",
/// "GRANTS", "GRANTS ON ROLE", "SYSTEM GRANTS", "DEFAULT PRIVILEGES", "CLUSTER SETTING", "CLUSTER SETTINGS", "SESSIONS", "QUERIES", "TRANSACTION STATUS", …).
/// </summary>
public sealed record ShowStatement(string Kind) : Statement
{
    /// <summary>The variable or setting name.</summary>
    public string? Name { get; init; }

    /// <summary>What follows ON or FROM.</summary>
    public ImmutableArray<ObjectName> Objects { get; init; } = [];

    public ObjectKindSyntax ObjectKind { get; init; }

    /// <summary>ON ROLE role, … / FOR ROLE.</summary>
    public ImmutableArray<RoleName> Roles { get; init; } = [];

    /// <summary>FOR user, ….</summary>
    public ImmutableArray<RoleName> Grantees { get; init; } = [];

    public bool WithComment { get; init; }
}

public sealed record PrepareStatement(string Name, ImmutableArray<TypeName> ParameterTypes, Statement Statement) : Statement;

public sealed record ExecuteStatement(string Name, ImmutableArray<SyntaxExpression> Arguments) : Statement;

/// <summary>DEALLOCATE name | ALL (null).</summary>
public sealed record DeallocateStatement(string? Name) : Statement;

public sealed record DeclareCursorStatement(string Name, Statement Query) : Statement
{
    public bool Binary { get; init; }

    /// <summary>SCROLL true, NO SCROLL false.</summary>
    public bool? Scroll { get; init; }

    public bool WithHold { get; init; }
}

public enum FetchDirection : byte { Next, Prior, First, Last, Absolute, Relative, Forward, Backward }

/// <summary>FETCH or MOVE. Count null with Forward/Backward = ALL.</summary>
public sealed record FetchStatement(string Cursor, FetchDirection Direction, long? Count, bool IsMove) : Statement;

/// <summary>CLOSE name | ALL (null).</summary>
public sealed record CloseStatement(string? Cursor) : Statement;

public sealed record ListenStatement(string Channel) : Statement;

/// <summary>UNLISTEN name | * (null).</summary>
public sealed record UnlistenStatement(string? Channel) : Statement;

public sealed record NotifyStatement(string Channel, string? Payload) : Statement;

public enum ExplainFormat : byte { Text, Json }

public sealed record ExplainStatement(Statement Statement) : Statement
{
    public bool Analyze { get; init; }

    public bool Verbose { get; init; }

    public bool Costs { get; init; } = true;

    public bool? Buffers { get; init; }

    public bool? Timing { get; init; }

    public bool? Summary { get; init; }

    public ExplainFormat Format { get; init; }
}

/// <summary>VACUUM [FULL|FREEZE|ANALYZE …] and ANALYZE. Tables empty = all that the user may.</summary>
public sealed record MaintenanceStatement(bool Vacuum, bool Analyze, ImmutableArray<(ObjectName Table, ImmutableArray<string> Columns)> Tables) : Statement;

/// <summary>DO, CALL and others with a body are Unsupported. CHECKPOINT, REINDEX, CLUSTER: accepted without effect where harmless.</summary>
public sealed record NoOperationStatement(string Tag) : Statement;

// ---- Roles and privileges

/// <summary>A role as named in SQL; Special is CURRENT_USER, SESSION_USER, CURRENT_ROLE or PUBLIC in upper case, else null.</summary>
public sealed record RoleName(string Name, string? Special = null) : SyntaxNode
{
    public override string ToString() => Special?.ToLowerInvariant() ?? Name;
}

/// <summary>LOGIN, NOLOGIN, PASSWORD 's' | NULL, VALID UNTIL 't' | NULL, CONNECTION LIMIT n, IN ROLE …, ROLE …, ADMIN …: Name in upper case. The value of PASSWORD is a secret: never print this record.</summary>
public sealed record RoleOption(string Name, string? Value, bool IsNull = false) : SyntaxNode
{
    public ImmutableArray<RoleName> Roles { get; init; } = [];

    public override string ToString() => $"role option {Name}";
}

public sealed record CreateRoleStatement(RoleName Name, ImmutableArray<RoleOption> Options, bool IsUser, bool IfNotExists) : Statement;

/// <summary>Role null is ALL.</summary>
public sealed record AlterRoleStatement(RoleName? Role, ImmutableArray<RoleOption> Options, bool IsUser, bool IfExists) : Statement;

/// <summary>ALTER ROLE … [IN DATABASE d] SET name = values | RESET name | RESET ALL (Name null).</summary>
public sealed record AlterRoleSetStatement(RoleName? Role, string? Database, string? Name, ImmutableArray<SyntaxExpression> Values, bool Reset, bool IfExists) : Statement;

public sealed record DropRoleStatement(ImmutableArray<RoleName> Roles, bool IsUser, bool IfExists) : Statement;

public sealed record GrantRoleStatement(ImmutableArray<RoleName> Roles, ImmutableArray<RoleName> Members, bool AdminOption) : Statement;

public sealed record RevokeRoleStatement(ImmutableArray<RoleName> Roles, ImmutableArray<RoleName> Members, bool AdminOptionOnly) : Statement;

public enum ObjectKindSyntax : byte { None, Table, Database, Schema, Sequence, Type, Function, Role, System, AllTablesInSchema, AllSequencesInSchema, AllFunctionsInSchema, Language, ExternalConnection }

/// <summary>SELECT, or SELECT (a, b); "ALL" for ALL [PRIVILEGES].</summary>
public sealed record PrivilegeItem(string Name, ImmutableArray<string> Columns) : SyntaxNode;

/// <summary>GRANT or REVOKE on objects. A pattern's last part may be "*".</summary>
public sealed record GrantStatement(bool IsGrant, ImmutableArray<PrivilegeItem> Privileges, ObjectKindSyntax Kind, ImmutableArray<ObjectName> Objects, ImmutableArray<RoleName> Grantees) : Statement
{
    public bool WithGrantOption { get; init; }

    /// <summary>REVOKE GRANT OPTION FOR.</summary>
    public bool GrantOptionOnly { get; init; }

    public bool Cascade { get; init; }

    public RoleName? GrantedBy { get; init; }
}

public sealed record AlterDefaultPrivilegesStatement(ImmutableArray<RoleName> Creators, bool AllRoles, ImmutableArray<string> Schemas, GrantStatement Action) : Statement;

public sealed record ReassignOwnedStatement(ImmutableArray<RoleName> From, RoleName To) : Statement;

public sealed record DropOwnedStatement(ImmutableArray<RoleName> Roles, bool Cascade) : Statement;

/// <summary>CANCEL QUERY | SESSION id.</summary>
public sealed record CancelStatement(bool IsSession, SyntaxExpression Target) : Statement;

// ---- Row-level security

/// <summary>CREATE POLICY. Command is ALL, SELECT, INSERT, UPDATE or DELETE; Roles empty = PUBLIC.</summary>
public sealed record CreatePolicyStatement(string Name, ObjectName Table, bool Permissive, string Command, ImmutableArray<RoleName> Roles, SyntaxExpression? Using, SyntaxExpression? Check, bool IfNotExists) : Statement;

public sealed record AlterPolicyStatement(string Name, ObjectName Table, string? NewName, ImmutableArray<RoleName> Roles, SyntaxExpression? Using, SyntaxExpression? Check) : Statement;

public sealed record DropPolicyStatement(string Name, ObjectName Table, bool IfExists, bool Cascade) : Statement;
