using System.Diagnostics.CodeAnalysis;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Security;
using Chitin.Sql.Functions;

namespace Chitin.Sql.Binding;

/// <summary>Everything that binding a statement may look at. One per statement; not for concurrent use.</summary>
public sealed class BindingContext
{
    public required ICatalogSnapshot Catalog { get; init; }

    public required DatabaseDescriptor Database { get; init; }

    /// <summary>Schema ids in search order. pg_catalog is searched first unless it is named here.</summary>
    public required ImmutableArray<uint> SearchPath { get; init; }

    /// <summary>Accesses are recorded on behalf of its current user.</summary>
    public required Principal Principal { get; init; }

    /// <summary>Functions, operators and casts.</summary>
    public OverloadResolver Resolver { get; init; } = OverloadResolver.BuiltIn;

    /// <summary>How constant literals are read ('now', date order).</summary>
    public FormatSettings Format { get; init; } = FormatSettings.Default;

    /// <summary>Computed catalog tables; null when there are none (tests).</summary>
    public IVirtualTableRegistry? VirtualTables { get; init; }

    /// <summary>Makes the rows of a SHOW that is a data source; null where there are none (tests).</summary>
    public Func<BoundUtility, IVirtualTable>? ShownRows { get; init; }

    /// <summary>Types of $1 …: given ones on entry, all of them after binding.</summary>
    public ParameterTypes Parameters { get; init; } = new([]);

    /// <summary>False where a parameter is no part of the statement (DDL): 42P02.</summary>
    public bool AllowParameters { get; init; } = true;

    /// <summary>Whom row-level policies bind; null where no table has any (tests).</summary>
    public IGate? Gate { get; init; }

    /// <summary>The setting row_security: off makes a statement that a policy would filter an error.</summary>
    public bool RowSecurity { get; init; } = true;

    /// <summary>Takes notices (truncated identifiers, things that were skipped); null drops them.</summary>
    public Action<SqlNotice>? Notice { get; init; }
}

/// <summary>Where the binder looks for computed catalog tables.</summary>
public interface IVirtualTableRegistry
{
    /// <summary>Whether this schema (pg_catalog, information_schema, crdb_internal) holds computed tables.</summary>
    bool IsVirtualSchema(string schema);

    bool TryGet(string schema, string name, [NotNullWhen(true)] out IVirtualTable? table);

    /// <summary>The system privilege that reading it needs; None for most.</summary>
    Privilege RequiredPrivilege(IVirtualTable table) => Privilege.None;
}

/// <summary>
/// Types of a statement's parameters: a prefix may be given, the rest is inferred from the first place that needs a type
/// (PostgreSQL 15, "PREPARE": variable parameters).
/// </summary>
public sealed class ParameterTypes
{
    /// <summary>The protocol counts parameters in 16 bits.</summary>
    public const int Maximum = 65535;

    private readonly List<SqlType?> _types;

    public ParameterTypes(ImmutableArray<SqlType?> given) => _types = [.. given.Select(t => t?.Oid is PgOid.Unknown or 0 ? null : t)];

    public int Count => _types.Count;

    /// <summary>The type of parameter <paramref name="index"/> (zero-based) or null while it is not known; extends the list.</summary>
    public SqlType? Touch(int index)
    {
        while (_types.Count <= index)
            _types.Add(null);
        return _types[index];
    }

    public void Infer(int index, SqlType type)
    {
        Touch(index);
        _types[index] = type;
    }

    /// <summary>All types. 42P18 when one was never determined.</summary>
    public ImmutableArray<SqlType> Complete()
    {
        for (var i = 0; i < _types.Count; i++)
        {
            if (_types[i] is null)
                throw new SqlException(SqlState.IndeterminateDatatype, $"could not determine data type of parameter ${i + 1}");
        }

        return [.. _types.Select(t => t!)];
    }
}
