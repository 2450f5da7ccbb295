using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Result columns of the SHOW statements that Execution answers: CockroachDB's names (SECURITY-SPEC 3.3 and 4.5, its reference pages for the others).</summary>
internal static class ShowColumns
{
    static readonly SqlType s_texts = SqlTypes.ArrayOf(SqlTypes.Text);

    /// <summary>Empty for SHOW of variables, which Sessions answers.</summary>
    public static ImmutableArray<(string Name, SqlType Type)> Of(ShowStatement s) => s.Kind switch
    {
        "TABLES" => WithComment(s, [("schema_name", SqlTypes.Text), ("table_name", SqlTypes.Text), ("type", SqlTypes.Text), ("owner", SqlTypes.Text), ("estimated_row_count", SqlTypes.Int8), ("locality", SqlTypes.Text)]),
        "COLUMNS" => WithComment(s,
        [
            ("column_name", SqlTypes.Text), ("data_type", SqlTypes.Text), ("is_nullable", SqlTypes.Bool), ("column_default", SqlTypes.Text),
            ("generation_expression", SqlTypes.Text), ("indices", s_texts), ("is_hidden", SqlTypes.Bool),
        ]),
        "INDEXES" or "INDEX" or "KEYS" => WithComment(s,
        [
            ("table_name", SqlTypes.Text), ("index_name", SqlTypes.Text), ("non_unique", SqlTypes.Bool), ("seq_in_index", SqlTypes.Int8), ("column_name", SqlTypes.Text),
            ("definition", SqlTypes.Text), ("direction", SqlTypes.Text), ("storing", SqlTypes.Bool), ("implicit", SqlTypes.Bool), ("visible", SqlTypes.Bool),
        ]),
        "CONSTRAINTS" or "CONSTRAINT" => WithComment(s,
        [
            ("table_name", SqlTypes.Text), ("constraint_name", SqlTypes.Text), ("constraint_type", SqlTypes.Text), ("details", SqlTypes.Text), ("validated", SqlTypes.Bool),
        ]),
        "DATABASES" => WithComment(s,
        [
            ("database_name", SqlTypes.Text), ("owner", SqlTypes.Text), ("primary_region", SqlTypes.Text), ("secondary_region", SqlTypes.Text), ("regions", s_texts), ("survival_goal", SqlTypes.Text),
        ]),
        "SCHEMAS" => WithComment(s, [("schema_name", SqlTypes.Text), ("owner", SqlTypes.Text)]),
        "SEQUENCES" => [("sequence_schema", SqlTypes.Text), ("sequence_name", SqlTypes.Text)],
        "TYPES" or "ENUMS" => [("schema", SqlTypes.Text), ("name", SqlTypes.Text), ("values", s_texts), ("owner", SqlTypes.Text)],
        "CREATE ALL" => [("create_statement", SqlTypes.Text)],
        "CREATE" when s.ObjectKind == ObjectKindSyntax.Database => [("database_name", SqlTypes.Text), ("create_statement", SqlTypes.Text)],
        "CREATE" => [("table_name", SqlTypes.Text), ("create_statement", SqlTypes.Text)],
        "USERS" or "ROLES" => [("username", SqlTypes.Text), ("options", s_texts), ("member_of", s_texts), ("estimated_last_login_time", SqlTypes.TimestampTz)],
        "GRANTS ON ROLE" => [("role_name", SqlTypes.Text), ("member", SqlTypes.Text), ("is_admin", SqlTypes.Bool)],
        "GRANTS" => GrantColumns(s),
        "POLICIES" => [("name", SqlTypes.Text), ("cmd", SqlTypes.Text), ("type", SqlTypes.Text), ("roles", s_texts), ("using_expr", SqlTypes.Text), ("with_check_expr", SqlTypes.Text)],
        "SYSTEM GRANTS" => [("grantee", SqlTypes.Text), ("privilege_type", SqlTypes.Text), ("is_grantable", SqlTypes.Bool)],
        "DEFAULT PRIVILEGES" =>
        [
            ("role", SqlTypes.Text), ("for_all_roles", SqlTypes.Bool), ("object_type", SqlTypes.Text), ("grantee", SqlTypes.Text), ("privilege_type", SqlTypes.Text), ("is_grantable", SqlTypes.Bool),
        ],
        "SESSION DEFAULTS" => [("session_variables", SqlTypes.Text), ("default_values", SqlTypes.Text), ("database", SqlTypes.Text), ("inherited_globally", SqlTypes.Bool)],
        "CLUSTER SETTING" => [(s.Name ?? "value", SqlTypes.Text)],
        "CLUSTER SETTINGS" => [("variable", SqlTypes.Text), ("value", SqlTypes.Text), ("setting_type", SqlTypes.Text), ("public", SqlTypes.Bool), ("description", SqlTypes.Text), ("default_value", SqlTypes.Text), ("origin", SqlTypes.Text)],
        "SESSIONS" =>
        [
            ("node_id", SqlTypes.Int8), ("session_id", SqlTypes.Text), ("user_name", SqlTypes.Text), ("client_address", SqlTypes.Text), ("application_name", SqlTypes.Text),
            ("active_queries", SqlTypes.Text), ("last_active_query", SqlTypes.Text), ("session_start", SqlTypes.TimestampTz), ("status", SqlTypes.Text),
        ],
        "QUERIES" =>
        [
            ("query_id", SqlTypes.Text), ("node_id", SqlTypes.Int8), ("session_id", SqlTypes.Text), ("user_name", SqlTypes.Text), ("start", SqlTypes.TimestampTz), ("query", SqlTypes.Text),
            ("client_address", SqlTypes.Text), ("application_name", SqlTypes.Text), ("phase", SqlTypes.Text),
        ],
        _ => [],
    };

    static ImmutableArray<(string Name, SqlType Type)> WithComment(ShowStatement s, ImmutableArray<(string Name, SqlType Type)> columns) =>
        s.WithComment ? columns.Add(("comment", SqlTypes.Text)) : columns;

    static ImmutableArray<(string Name, SqlType Type)> GrantColumns(ShowStatement s)
    {
        ImmutableArray<(string Name, SqlType Type)> tail = [("grantee", SqlTypes.Text), ("privilege_type", SqlTypes.Text), ("is_grantable", SqlTypes.Bool)];
        (string Name, SqlType Type) database = ("database_name", SqlTypes.Text);
        (string Name, SqlType Type) schema = ("schema_name", SqlTypes.Text);
        return s.ObjectKind switch
        {
            ObjectKindSyntax.Database => [database, .. tail],
            ObjectKindSyntax.Schema => [database, schema, .. tail],
            ObjectKindSyntax.Type => [database, schema, ("type_name", SqlTypes.Text), .. tail],
            ObjectKindSyntax.Role => [("role_name", SqlTypes.Text), ("member", SqlTypes.Text), ("is_admin", SqlTypes.Bool)],
            ObjectKindSyntax.None when s.Objects.IsEmpty => [database, schema, ("object_name", SqlTypes.Text), ("object_type", SqlTypes.Text), .. tail],
            _ => [database, schema, ("table_name", SqlTypes.Text), .. tail],
        };
    }
}
