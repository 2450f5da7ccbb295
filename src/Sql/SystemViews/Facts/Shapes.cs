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
}
