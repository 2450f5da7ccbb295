using System.Diagnostics.CodeAnalysis;
using Chitin.Core.Types;
using Chitin.Sql.Functions.Library;

namespace Chitin.Sql.Functions;

/// <summary>All functions, operators and casts that are built in. Immutable and shared; made once at start.</summary>
public sealed class FunctionRegistry
{
    readonly Dictionary<string, ImmutableArray<FunctionEntry>> _functions;
    readonly Dictionary<uint, FunctionEntry> _functionsByOid;
    readonly Dictionary<string, ImmutableArray<OperatorEntry>> _operators;
    readonly Dictionary<(string, uint, uint), OperatorEntry> _operatorsByTypes;
    readonly Dictionary<uint, OperatorEntry> _operatorsByOid;
    readonly Dictionary<(uint, uint), CastEntry> _casts;

    internal FunctionRegistry(RegistryBuilder builder)
    {
        _functions = builder.Functions.ToDictionary(p => p.Key, p => p.Value.ToImmutableArray(), StringComparer.Ordinal);
        _functionsByOid = builder.FunctionsByOid;
        _operators = builder.Operators.ToDictionary(p => p.Key, p => p.Value.ToImmutableArray(), StringComparer.Ordinal);
        _operatorsByOid = [];
        _operatorsByTypes = [];
        foreach (var entry in builder.Operators.Values.SelectMany(o => o))
        {
            _operatorsByOid.Add(entry.Oid, entry);
            _operatorsByTypes.Add((entry.Symbol, entry.Left?.Oid ?? 0, entry.Right.Oid), entry);
        }

        _casts = builder.Casts;
    }

    public static FunctionRegistry BuiltIn { get; } = BuiltInLibrary.Build();

    /// <summary>All overloads of a name, in pg_catalog and crdb_internal alike (see <see cref="FunctionEntry.Schema"/>); empty when there are none.</summary>
    public ImmutableArray<FunctionEntry> Functions(string name) => _functions.TryGetValue(name, out var overloads) ? overloads : [];

    public bool TryGetFunction(uint oid, [NotNullWhen(true)] out FunctionEntry? function) => _functionsByOid.TryGetValue(oid, out function);

    public IEnumerable<FunctionEntry> AllFunctions => _functionsByOid.Values;

    public ImmutableArray<OperatorEntry> Operators(string symbol) => _operators.TryGetValue(symbol, out var overloads) ? overloads : [];

    /// <summary>The operator for exactly these types (left null = prefix); null when there is none.</summary>
    public OperatorEntry? Operator(string symbol, SqlType? left, SqlType right) => _operatorsByTypes.GetValueOrDefault((symbol, left?.Oid ?? 0, right.Oid));

    public bool TryGetOperator(uint oid, [NotNullWhen(true)] out OperatorEntry? entry) => _operatorsByOid.TryGetValue(oid, out entry);

    public IEnumerable<OperatorEntry> AllOperators => _operatorsByOid.Values;

    /// <summary>A row of pg_cast; null when the two types have none of their own (see <see cref="OverloadResolver.FindCastPath"/>).</summary>
    public CastEntry? Cast(SqlType source, SqlType target) => _casts.GetValueOrDefault((source.Oid, target.Oid));

    public IEnumerable<CastEntry> AllCasts => _casts.Values;
}
