using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Functions;

namespace Chitin.Sql.SystemViews.Facts;

internal sealed record OperatorClass(uint Oid, uint Method, string Name, uint Family, uint InputType, uint KeyType, bool IsDefault);

internal sealed record OperatorFamily(uint Oid, uint Method, string Name);

internal sealed record FamilyOperator(uint Family, uint Left, uint Right, int Strategy, uint Operator);

/// <summary>Operator classes and families of btree and hash for the types that exist here (PostgreSQL 15's numbers).</summary>
internal static partial class IndexFacts
{
    private const uint Btree = 403;

    public static ImmutableArray<OperatorClass> AllClasses { get; } = [.. Classes.Split('\n').Select(l => l.Split(' ')).Select(p =>
        new OperatorClass(uint.Parse(p[0]), uint.Parse(p[1]), p[2], uint.Parse(p[3]), uint.Parse(p[4]), uint.Parse(p[5]), p[6] == "t"))];

    public static ImmutableArray<OperatorFamily> AllFamilies { get; } = [.. Families.Split('\n').Select(l => l.Split(' ')).Select(p => new OperatorFamily(uint.Parse(p[0]), uint.Parse(p[1]), p[2]))];

    public static ImmutableArray<FamilyOperator> AllOperators { get; } = [.. Operators.Split('\n').Select(l => l.Split(' ')).Select(p =>
        new FamilyOperator(uint.Parse(p[0]), uint.Parse(p[1]), uint.Parse(p[2]), int.Parse(p[3]), uint.Parse(p[4])))];

    /// <summary>The btree class that an index on such a column uses; 0 when there is none.</summary>
    public static uint DefaultClass(SqlType type)
    {
        var input = type.Oid == PgOid.VarChar ? PgOid.Text : type is ArrayType ? PgOid.AnyArray : type is EnumType ? PgOid.AnyEnum : type.Oid;
        return AllClasses.FirstOrDefault(c => c.Method == Btree && c.IsDefault && c.InputType == input)?.Oid ?? 0;
    }

    /// <summary>The = operator of a type with itself; 0 when there is none.</summary>
    public static uint Equality(SqlType? type)
    {
        var operand = type?.Oid == PgOid.VarChar ? SqlTypes.Text : type;
        return operand is null ? 0 : FunctionRegistry.BuiltIn.Operator("=", operand, operand)?.Oid ?? 0;
    }
}
