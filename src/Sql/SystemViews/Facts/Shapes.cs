namespace Chitin.Sql.SystemViews.Facts;

/// <summary>Names, OIDs and columns of PostgreSQL 15's catalogs, one table a line: name, OID, r or v, columns as name:type with ! for NOT NULL.</summary>
static partial class Shapes
{
    /// <summary>What CockroachDB has in information_schema beside the standard's views (SECURITY-SPEC 4.5).</summary>
    internal const string Cockroach = """
schema_privileges 12901 v grantee:name table_catalog:name table_schema:name privilege_type:varchar is_grantable:varchar
type_privileges 12902 v grantee:name type_catalog:name type_schema:name type_name:name privilege_type:varchar is_grantable:varchar
user_privileges 12903 v grantee:name table_catalog:name privilege_type:varchar is_grantable:varchar
""";

    /// <summary>CockroachDB's tables of users, roles, rights and settings (SECURITY-SPEC 3.3 and 10).</summary>
    internal const string System = """
users 12911 r username:text! hashedPassword:bytea isRole:bool! user_id:oid! estimated_last_login_time:timestamptz
role_options 12912 r username:text! option:text! value:text user_id:oid!
role_members 12913 r role:text! member:text! isAdmin:bool! role_id:oid! member_id:oid!
database_role_settings 12914 r database_id:oid! role_name:text! settings:_text! role_id:oid!
privileges 12915 r username:text! path:text! privileges:_text! grant_options:_text! user_id:oid!
settings 12916 r name:text! value:text! lastUpdated:timestamp valueType:text
""";
}
