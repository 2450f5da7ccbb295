using Chitin.Catalog;
using Chitin.Core;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>has_column_privilege: a privilege on the whole table covers its columns.</summary>
static class ColumnPrivilegeFunctions
{
    static readonly string[] s_allowed = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];

    internal static void Register(RegistryBuilder b)
    {
        foreach (var table in (string[])["text", "oid"])
        {
            foreach (var column in (string[])["text", "int2"])
            {
                var (tableByName, columnByName) = (table == "text", column == "text");
                b.Scalar($"has_column_privilege({table}, {column}, text) bool stable", (a, c) =>
                    Answer(CatalogSearch.Session(c), CatalogSearch.Session(c).Principal.CurrentUser, a[0], tableByName, a[1], columnByName, a[2].AsString()));
                b.Scalar($"has_column_privilege(name, {table}, {column}, text) bool stable", (a, c) =>
                    Answer(CatalogSearch.Session(c), PrivilegeFunctions.RoleByName(CatalogSearch.Session(c), a[0].AsString()), a[1], tableByName, a[2], columnByName, a[3].AsString()));
                b.Scalar($"has_column_privilege(oid, {table}, {column}, text) bool stable", (a, c) =>
                    Answer(CatalogSearch.Session(c), a[0].AsOid(), a[1], tableByName, a[2], columnByName, a[3].AsString()));
            }
        }
    }

    static Datum Answer(ISessionServices session, uint role, Datum table, bool tableByName, Datum column, bool columnByName, string privileges)
    {
        RelationDescriptor? relation;
        if (tableByName)
            relation = CatalogSearch.RequireRelation(session, table.AsString());
        else if (!session.Catalog.TryGet(table.AsOid(), out relation))
            return Datum.Null;
        var found = relation.Columns.FirstOrDefault(c => columnByName ? c.Name == column.AsString() : c.Id == column.AsInt32());
        if (found is null)
            return columnByName ? throw new SqlException(SqlState.UndefinedColumn, $"column \"{column.AsString()}\" of relation \"{relation.Name}\" does not exist") : Datum.Null;
        return Datum.FromBool(PrivilegeFunctions.Parse(privileges, s_allowed).Exists(p =>
            session.Gate.Allows(role, relation, p.Privilege, p.GrantOption, session.Catalog) || HoldsColumn(session, role, found, p)));
    }

    internal static bool HoldsColumn(ISessionServices session, uint role, ColumnDescriptor column, (Privilege Privilege, bool GrantOption) asked)
    {
        foreach (var entry in column.Acl)
        {
            var held = asked.GrantOption ? entry.GrantOptions : entry.Privileges;
            if ((held & (asked.Privilege | Privilege.All)) != 0 && (entry.Grantee == RoleIds.Public || session.Gate.IsMember(role, entry.Grantee, session.Catalog)))
                return true;
        }

        return false;
    }
}
