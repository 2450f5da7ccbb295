using Chitin.Sql.Syntax;

namespace Chitin.Sessions;

/// <summary>The command of a statement in words, for messages and audit records.</summary>
internal static class CommandNames
{
    public static string Of(Statement statement) => statement switch
    {
        QueryStatement => "SELECT",
        InsertStatement => "INSERT",
        UpdateStatement => "UPDATE",
        DeleteStatement => "DELETE",
        MergeStatement => "MERGE",
        CopyStatement => "COPY",
        TruncateStatement => "TRUNCATE TABLE",
        CreateTableStatement => "CREATE TABLE",
        CreateTableAsStatement => "CREATE TABLE AS",
        AlterTableStatement => "ALTER TABLE",
        DropStatement drop => "DROP " + drop.Kind.ToString().ToUpperInvariant(),
        RenameStatement rename => "ALTER " + rename.Kind.ToString().ToUpperInvariant(),
        AlterOwnerStatement owner => "ALTER " + owner.Kind.ToString().ToUpperInvariant(),
        SetSchemaStatement schema => "ALTER " + schema.Kind.ToString().ToUpperInvariant(),
        CreateIndexStatement => "CREATE INDEX",
        CreateViewStatement => "CREATE VIEW",
        CreateSequenceStatement => "CREATE SEQUENCE",
        AlterSequenceStatement => "ALTER SEQUENCE",
        CreateSchemaStatement => "CREATE SCHEMA",
        CreateDatabaseStatement => "CREATE DATABASE",
        CreateEnumStatement or CreateCompositeStatement => "CREATE TYPE",
        AddEnumValueStatement or RenameEnumValueStatement => "ALTER TYPE",
        CreateDomainStatement => "CREATE DOMAIN",
        AlterDomainStatement => "ALTER DOMAIN",
        CommentStatement => "COMMENT",
        CreateRoleStatement => "CREATE ROLE",
        AlterRoleStatement or AlterRoleSetStatement => "ALTER ROLE",
        DropRoleStatement => "DROP ROLE",
        GrantRoleStatement => "GRANT ROLE",
        RevokeRoleStatement => "REVOKE ROLE",
        GrantStatement grant => grant.IsGrant ? "GRANT" : "REVOKE",
        AlterDefaultPrivilegesStatement => "ALTER DEFAULT PRIVILEGES",
        ReassignOwnedStatement => "REASSIGN OWNED",
        DropOwnedStatement => "DROP OWNED",
        ExplainStatement => "EXPLAIN",
        ShowStatement => "SHOW",
        MaintenanceStatement maintenance => maintenance.Vacuum ? "VACUUM" : "ANALYZE",
        SetStatement set => set.Cluster ? "SET CLUSTER SETTING" : "SET",
        ResetStatement reset => reset.Cluster ? "RESET CLUSTER SETTING" : "RESET",
        LockTableStatement => "LOCK TABLE",
        DeclareCursorStatement => "DECLARE CURSOR",
        FetchStatement fetch => fetch.IsMove ? "MOVE" : "FETCH",
        ExecuteStatement => "EXECUTE",
        _ => statement.GetType().Name.Replace("Statement", "", StringComparison.Ordinal).ToUpperInvariant(),
    };
}
