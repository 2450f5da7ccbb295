using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Binding;
using Chitin.Sql.Functions;

namespace Chitin.Sql.SystemViews;

internal delegate IEnumerable<Datum[]> RowSource(SystemContext context);

/// <summary>Rows whose column holds a key, perhaps some others too: the caller filters.</summary>
internal delegate IEnumerable<Datum[]> KeyedRowSource(SystemContext context, Datum key);

internal sealed record SystemColumn(string Name, SqlType Type, bool NotNull);

/// <summary>A computed table: PostgreSQL 15's name, OID and columns, and where its rows come from. Without a source it is empty: the feature does not exist here.</summary>
internal sealed class SystemTable(uint id, string schema, string name, bool isView, ImmutableArray<SystemColumn> details) : IVirtualTable
{
    private readonly Dictionary<int, KeyedRowSource> _keys = [];
    private RowSource? _source;

    public uint Id => id;

    public string Schema => schema;

    public string Name => name;

    /// <summary>Whether PostgreSQL has it as a view.</summary>
    public bool IsView => isView;

    public ImmutableArray<SystemColumn> Details => details;

    public ImmutableArray<(string Name, SqlType Type)> Columns { get; } = [.. details.Select(c => (c.Name, c.Type))];

    public double EstimatedRows { get; private set; }

    public bool CanFind(int column) => _keys.ContainsKey(column);

    public IEnumerable<Datum[]> Rows(ISessionServices session, EvaluationContext context) => _source is null ? [] : Checked(_source(new SystemContext(session, context)));

    public IEnumerable<Datum[]> Find(int column, Datum key, ISessionServices session, EvaluationContext context) => Checked(_keys[column](new SystemContext(session, context), key));

    public SystemTable From(RowSource source, double estimatedRows = 100)
    {
        _source = source;
        EstimatedRows = estimatedRows;
        return this;
    }

    public SystemTable By(string column, KeyedRowSource source)
    {
        for (var i = 0; i < details.Length; i++)
        {
            if (details[i].Name == column)
                _keys.Add(i, source);
        }

        return this;
    }

    private IEnumerable<Datum[]> Checked(IEnumerable<Datum[]> rows)
    {
        foreach (var row in rows)
        {
            Invariant.Holds(row.Length == details.Length, "a row of a computed table has its columns");
            yield return row;
        }
    }
}
