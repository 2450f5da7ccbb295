using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Binding;

/// <summary>Type names (parse_type.c).</summary>
public sealed partial class Binder
{
    /// <summary>Resolves a type as written in DDL or a PREPARE. Errors: 42704, 22023 for bad modifiers.</summary>
    public static (SqlType Type, int Modifier) ResolveType(TypeName name, BindingContext context) => new Binder(context).ResolveType(name);

    bool _definesColumn;

    (SqlType Type, int Modifier) ResolveType(TypeName name)
    {
        var type = FindType(name);
        var modifier = ResolveModifier(type, name);
        if (name.ArrayDimensions > 0)
            type = ArrayOf(type, At(name));
        return (type, modifier);
    }

    /// <summary>The type of a column that a statement makes or changes.</summary>
    void NoteTypeOfColumn(TypeName name)
    {
        _definesColumn = true;
        ResolveType(name);
        _definesColumn = false;
    }

    SqlType FindType(TypeName name)
    {
        var last = name.Name[^1];
        var schema = name.Name.Length > 1 ? name.Name[^2] : null;
        if (last.EndsWith("[]", StringComparison.Ordinal))
            return ArrayOf(FindType(name with { Name = name.Name.SetItem(name.Name.Length - 1, last[..^2]) }), At(name));
        // CHAR arrives from the parser as bpchar; a quoted "char" is the one-byte type.
        if (schema is null or PgCatalog && (last == "char" ? SqlTypes.Char : SqlTypes.TryGetByName(last)) is { } builtIn)
            return builtIn;
        if (schema == "information_schema" && InformationSchemaDomain(last) is { } domain)
            return domain;
        if (schema != PgCatalog && FindUserType(schema, last) is { } descriptor)
        {
            // USAGE is for making objects of the type; values of it may be had by everybody (PostgreSQL, 5.7).
            if ((_definesColumn || RecordsEdits) && !_silent && _views.Count == 0)
                _recorder.Add(ObjectKind.Type, descriptor.Id, descriptor.Name, Privilege.Usage, _onBehalfOf);
            if (Catalog.TryGet<SchemaDescriptor>(descriptor.SchemaId, out var home))
                QualifyType(name, home.Name);
            return descriptor.Type;
        }

        // _name is the array type of name.
        if (last.Length > 1 && last[0] == '_' && (SqlTypes.TryGetByName(last[1..]) ?? FindUserType(schema, last[1..])?.Type) is { } element)
            return ArrayOf(element, At(name));
        if (schema != PgCatalog && FindRowType(name) is { } row)
            return row;
        if (schema is not null and not PgCatalog && FindSchema(_database, schema) is null && _context.VirtualTables?.IsVirtualSchema(schema) != true)
            throw BindErrors.UndefinedSchema(schema, At(name));
        throw BindErrors.UndefinedType(string.Join('.', name.Name), At(name));
    }

    /// <summary>SQL:2016 part 11 declares its columns over these domains; here they are their base types.</summary>
    static SqlType? InformationSchemaDomain(string name) => name switch
    {
        "cardinal_number" => SqlTypes.Int4,
        "character_data" or "yes_or_no" => SqlTypes.VarChar,
        "sql_identifier" => SqlTypes.Name,
        "time_stamp" => SqlTypes.TimestampTz,
        _ => null,
    };

    TypeDescriptor? FindUserType(string? schema, string name)
    {
        if (schema is not null)
        {
            if (FindSchema(_database, schema) is { } named)
                return InSchema(named, name);
            // CockroachDB's database.type.
            if (_context.VirtualTables?.IsVirtualSchema(schema) == true || !Catalog.TryGetDatabase(schema, out var database) || FindSchema(database, "public") is not { } inPublic)
                return null;
            if (database.Id != _context.Database.Id)
                NoteDatabase(database);
            return InSchema(inPublic, name);
        }

        foreach (var id in _context.SearchPath)
        {
            if (Catalog.TryGet<SchemaDescriptor>(id, out var schemaOfPath) && InSchema(schemaOfPath, name) is { } type)
                return type;
        }

        return null;
    }

    /// <summary>Naming a type needs USAGE on its schema, as naming a relation does.</summary>
    TypeDescriptor? InSchema(SchemaDescriptor schema, string name)
    {
        if (!Catalog.TryGetType(schema.Id, name, out var type))
            return null;
        NoteSchema(schema);
        return type;
    }

    int ResolveModifier(SqlType type, TypeName name)
    {
        try
        {
            if (type.Oid == PgOid.Interval && name.IntervalFields is { } fields)
                return PackInterval(fields, name.Modifiers.IsEmpty ? -1 : Math.Min(6, IntegerOf(name.Modifiers[0], name)));
            if (name.Modifiers.IsEmpty)
                return -1;
            return Typmods.Parse(type, [.. name.Modifiers.Select(m => IntegerOf(m, name))]);
        }
        catch (SqlException e) when (e.Position == 0)
        {
            throw e.At(At(name));
        }
    }

    /// <summary>Fields as written: DAY TO SECOND(3).</summary>
    static int PackInterval(string fields, int precision)
    {
        var open = fields.IndexOf('(', StringComparison.Ordinal);
        return open < 0
            ? IntervalFields.Pack(fields, precision)
            : IntervalFields.Pack(fields[..open].TrimEnd(), Math.Min(6, int.Parse(fields.AsSpan(open + 1).TrimEnd(')'), System.Globalization.CultureInfo.InvariantCulture)));
    }

    int IntegerOf(SyntaxExpression modifier, TypeName name) => modifier switch
    {
        LiteralExpression { Kind: LiteralKind.Integer } l when int.TryParse(l.Text, out var value) => value,
        UnaryExpression { Operator: "-", Operand: LiteralExpression { Kind: LiteralKind.Integer } l } when int.TryParse("-" + l.Text, out var value) => value,
        _ => throw BindErrors.Syntax("type modifiers must be simple constants or identifiers", At(name)),
    };
}
