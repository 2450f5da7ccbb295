using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Library;

/// <summary>=, &lt;&gt;, &lt;, &lt;=, &gt;, &gt;= of every type (manual 9.2), and the pattern-order operators of text.</summary>
static class ComparisonOperators
{
    static readonly string[] s_integers = ["int2", "int4", "int8"];

    internal static void Register(RegistryBuilder b)
    {
        foreach (var left in s_integers)
            foreach (var right in s_integers)
                AddBits(b, left, right);
        foreach (var type in (string[])["bool", "oid", "date", "time", "timestamp", "timestamptz", "anyenum"])
            AddBits(b, type, type);
        foreach (var left in (string[])["float4", "float8"])
            foreach (var right in (string[])["float4", "float8"])
                AddBy(b, left, right, static (l, r, _) => CompareDoubles(l.AsDouble(), r.AsDouble()));
        AddText(b);
        AddBy(b, "char", "char", static (l, r, _) => (l.AsInt64() & 0xFF).CompareTo(r.AsInt64() & 0xFF));
        foreach (var type in (string[])["bpchar", "bytea", "uuid", "numeric", "interval", "timetz", "jsonb", "bit", "varbit", "tid"])
            AddByType(b, Signature.TypeOf(type));
        DateComparisons.Register(b);
        b.Operator("xid = xid bool", s_equal, ComparisonKind.Equal);
        b.Operator("xid <> xid bool", s_notEqual, ComparisonKind.NotEqual);
        b.Operator("xid = int4 bool", static (l, r, _) => Datum.FromBool(l.AsOid() == (uint)r.AsInt32()));
        b.Operator("xid <> int4 bool", static (l, r, _) => Datum.FromBool(l.AsOid() != (uint)r.AsInt32()));
    }

    static readonly BinaryBody s_equal = static (l, r, _) => Datum.FromBool(l.AsInt64() == r.AsInt64());
    static readonly BinaryBody s_notEqual = static (l, r, _) => Datum.FromBool(l.AsInt64() != r.AsInt64());
    static readonly BinaryBody s_less = static (l, r, _) => Datum.FromBool(l.AsInt64() < r.AsInt64());
    static readonly BinaryBody s_lessOrEqual = static (l, r, _) => Datum.FromBool(l.AsInt64() <= r.AsInt64());
    static readonly BinaryBody s_greater = static (l, r, _) => Datum.FromBool(l.AsInt64() > r.AsInt64());
    static readonly BinaryBody s_greaterOrEqual = static (l, r, _) => Datum.FromBool(l.AsInt64() >= r.AsInt64());

    /// <summary>Types whose order is that of their 64 bits.</summary>
    static void AddBits(RegistryBuilder b, string left, string right)
    {
        b.Operator($"{left} = {right} bool", s_equal, ComparisonKind.Equal);
        b.Operator($"{left} <> {right} bool", s_notEqual, ComparisonKind.NotEqual);
        b.Operator($"{left} < {right} bool", s_less, ComparisonKind.Less);
        b.Operator($"{left} <= {right} bool", s_lessOrEqual, ComparisonKind.LessOrEqual);
        b.Operator($"{left} > {right} bool", s_greater, ComparisonKind.Greater);
        b.Operator($"{left} >= {right} bool", s_greaterOrEqual, ComparisonKind.GreaterOrEqual);
    }

    /// <summary>Six operators over one comparison. Volatility is Stable where the session's time zone decides.</summary>
    internal static void AddBy(RegistryBuilder b, string left, string right, Func<Datum, Datum, EvaluationContext, int> compare, Volatility volatility = Volatility.Immutable)
    {
        b.Operator($"{left} = {right} bool", (l, r, c) => Datum.FromBool(compare(l, r, c) == 0), ComparisonKind.Equal, volatility);
        b.Operator($"{left} <> {right} bool", (l, r, c) => Datum.FromBool(compare(l, r, c) != 0), ComparisonKind.NotEqual, volatility);
        b.Operator($"{left} < {right} bool", (l, r, c) => Datum.FromBool(compare(l, r, c) < 0), ComparisonKind.Less, volatility);
        b.Operator($"{left} <= {right} bool", (l, r, c) => Datum.FromBool(compare(l, r, c) <= 0), ComparisonKind.LessOrEqual, volatility);
        b.Operator($"{left} > {right} bool", (l, r, c) => Datum.FromBool(compare(l, r, c) > 0), ComparisonKind.Greater, volatility);
        b.Operator($"{left} >= {right} bool", (l, r, c) => Datum.FromBool(compare(l, r, c) >= 0), ComparisonKind.GreaterOrEqual, volatility);
    }

    static void AddByType(RegistryBuilder b, SqlType type)
    {
        var name = type.Name;
        b.Operator($"{name} = {name} bool", (l, r, _) => Datum.FromBool(type.AreEqual(l, r)), ComparisonKind.Equal);
        b.Operator($"{name} <> {name} bool", (l, r, _) => Datum.FromBool(!type.AreEqual(l, r)), ComparisonKind.NotEqual);
        b.Operator($"{name} < {name} bool", (l, r, _) => Datum.FromBool(type.Compare(l, r) < 0), ComparisonKind.Less);
        b.Operator($"{name} <= {name} bool", (l, r, _) => Datum.FromBool(type.Compare(l, r) <= 0), ComparisonKind.LessOrEqual);
        b.Operator($"{name} > {name} bool", (l, r, _) => Datum.FromBool(type.Compare(l, r) > 0), ComparisonKind.Greater);
        b.Operator($"{name} >= {name} bool", (l, r, _) => Datum.FromBool(type.Compare(l, r) >= 0), ComparisonKind.GreaterOrEqual);
    }

    static void AddText(RegistryBuilder b)
    {
        foreach (var (left, right) in ((string, string)[])[("text", "text"), ("name", "name"), ("name", "text"), ("text", "name")])
        {
            b.Operator($"{left} = {right} bool", static (l, r, _) => Datum.FromBool(string.Equals(l.AsString(), r.AsString(), StringComparison.Ordinal)), ComparisonKind.Equal);
            b.Operator($"{left} <> {right} bool", static (l, r, _) => Datum.FromBool(!string.Equals(l.AsString(), r.AsString(), StringComparison.Ordinal)), ComparisonKind.NotEqual);
            b.Operator($"{left} < {right} bool", s_textLess, ComparisonKind.Less);
            b.Operator($"{left} <= {right} bool", s_textLessOrEqual, ComparisonKind.LessOrEqual);
            b.Operator($"{left} > {right} bool", s_textGreater, ComparisonKind.Greater);
            b.Operator($"{left} >= {right} bool", s_textGreaterOrEqual, ComparisonKind.GreaterOrEqual);
        }

        b.Operator("text ~<~ text bool", s_textLess);
        b.Operator("text ~<=~ text bool", s_textLessOrEqual);
        b.Operator("text ~>~ text bool", s_textGreater);
        b.Operator("text ~>=~ text bool", s_textGreaterOrEqual);
    }

    static readonly BinaryBody s_textLess = static (l, r, _) => Datum.FromBool(TextOrder.Compare(l.AsString(), r.AsString()) < 0);
    static readonly BinaryBody s_textLessOrEqual = static (l, r, _) => Datum.FromBool(TextOrder.Compare(l.AsString(), r.AsString()) <= 0);
    static readonly BinaryBody s_textGreater = static (l, r, _) => Datum.FromBool(TextOrder.Compare(l.AsString(), r.AsString()) > 0);
    static readonly BinaryBody s_textGreaterOrEqual = static (l, r, _) => Datum.FromBool(TextOrder.Compare(l.AsString(), r.AsString()) >= 0);

    /// <summary>PostgreSQL's order of floats: NaN equals NaN and is greater than every other value; 0 equals -0.</summary>
    static int CompareDoubles(double left, double right) =>
        double.IsNaN(left) ? (double.IsNaN(right) ? 0 : 1) : double.IsNaN(right) ? -1 : left < right ? -1 : left > right ? 1 : 0;
}
