using Chitin.Catalog;
using Chitin.Core.Types;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Functions.SystemInformation;

/// <summary>format_type(): SQL's spelling of a type; user types quoted, and with their schema unless the search path finds them.</summary>
static class TypeNames
{
    internal static string Format(ISessionServices session, SqlType type, int modifier)
    {
        if (type.ElementType is { } element && type is ArrayType)
            return Format(session, element, modifier) + "[]";
        if (type.Oid < Core.PgOid.FirstNormal)
            return type.FormatName(modifier);
        foreach (var schema in session.Catalog.Schemas(session.Database.Id))
        {
            if (!session.Catalog.TryGetType(schema.Id, type.Name, out var descriptor) || descriptor.Type.Oid != type.Oid)
                continue;
            var name = SqlText.QuoteIdentifier(type.Name);
            return IsVisible(session, descriptor) ? name : SqlText.QuoteIdentifier(schema.Name) + "." + name;
        }

        return SqlText.QuoteIdentifier(type.Name);
    }

    internal static bool IsVisible(ISessionServices session, TypeDescriptor type)
    {
        foreach (var schema in session.SearchPath)
            if (session.Catalog.TryGetType(schema, type.Name, out var first))
                return first.Id == type.Id;
        return false;
    }
}
