using Chitin.Sql.Functions;

namespace Chitin.Sql.Binding;

/// <summary>Questions about bound trees, answered by walking them once.</summary>
internal static class BoundInspection
{
    /// <summary>Columns that the node refers to but that no part of it makes: outer references.</summary>
    public static HashSet<BoundColumn> FreeColumns(BoundNode node)
    {
        var walker = new Walker();
        walker.Rewrite(node);
        return walker.Free();
    }

    /// <summary>Columns that an expression refers to, correlated references of its subqueries included.</summary>
    public static HashSet<BoundColumn> FreeColumns(BoundExpression expression)
    {
        var walker = new Walker();
        walker.Rewrite(expression);
        return walker.Free();
    }

    public static bool IsVolatile(BoundExpression expression)
    {
        var walker = new Walker();
        walker.Rewrite(expression);
        return walker.Volatility == Volatility.Volatile;
    }

    public static bool IsVolatile(BoundNode node)
    {
        var walker = new Walker();
        walker.Rewrite(node);
        return walker.Volatility == Volatility.Volatile;
    }

    public static Volatility VolatilityOf(BoundExpression expression)
    {
        var walker = new Walker();
        walker.Rewrite(expression);
        return walker.Volatility;
    }

    /// <summary>Whether it holds a scan of a recursive common table's working table that it does not define itself.</summary>
    public static bool ReadsWorkingTable(BoundNode node)
    {
        var walker = new Walker();
        walker.Rewrite(node);
        return walker.ReadsWorkingTables();
    }

    public static bool HasSubquery(BoundExpression expression)
    {
        var walker = new Walker();
        walker.Rewrite(expression);
        return walker.Subqueries;
    }

    /// <summary>Cheap and side-effect free enough to be written down twice.</summary>
    public static bool IsTrivial(BoundExpression expression) => expression switch
    {
        BoundColumnReference or BoundConstant or BoundParameter => true,
        BoundCast e => IsTrivial(e.Operand),
        BoundApplyModifier e => IsTrivial(e.Operand),
        _ => false,
    };

    sealed class Walker : BoundRewriter
    {
        readonly HashSet<BoundColumn> _used = [];
        readonly HashSet<BoundColumn> _made = [];

        public Volatility Volatility { get; private set; }

        /// <summary>Working tables that are read, and those of recursions that stand in the tree.</summary>
        readonly HashSet<BoundCommonTable> _read = [];
        readonly HashSet<BoundCommonTable> _defined = [];

        public bool ReadsWorkingTables() => !_read.IsSubsetOf(_defined);

        public bool Subqueries { get; private set; }

        public HashSet<BoundColumn> Free()
        {
            _used.ExceptWith(_made);
            return _used;
        }

        public override BoundExpression Rewrite(BoundExpression expression)
        {
            switch (expression)
            {
                case BoundColumnReference reference:
                    _used.Add(reference.Column);
                    break;
                case BoundWholeRow row:
                    _used.UnionWith(row.Columns);
                    break;
                case BoundLet let:
                    _made.Add(let.Variable);
                    break;
                case BoundCall { Operator: { Left: not null, Symbol: "||" } } text when text.Type.Oid == Core.PgOid.Text:
                    Note(TextForms.VolatilityOf(text.Arguments[0].Type, text.Arguments[1].Type));
                    break;
                case BoundCall call:
                    Note(call.Call.Function.Volatility);
                    break;
                case BoundCast { Cast: { } cast }:
                    Note(cast.Volatility);
                    break;
                case BoundCast { ThroughText: true } cast:
                    Note(TextForms.VolatilityOf(cast.Operand.Type, cast.Type));
                    break;
                case BoundArrayCast { ThroughText: true } cast:
                    Note(TextForms.VolatilityOf(cast.Operand.Type.ElementType!, cast.Type.ElementType!));
                    break;
                case BoundNextValue:
                    Note(Volatility.Volatile);
                    break;
                case BoundSubquery:
                    Subqueries = true;
                    break;
            }

            return base.Rewrite(expression);
        }

        public override BoundNode Rewrite(BoundNode node)
        {
            // Pass-through nodes make nothing new; asking for their output again costs little and keeps this complete.
            switch (node)
            {
                case BoundProject n:
                    foreach (var (column, expression) in n.Items)
                    {
                        if (expression is not BoundColumnReference reference || reference.Column != column)
                            _made.Add(column);
                    }

                    break;
                case BoundScan or BoundVirtualScan or BoundValues or BoundSetOperation or BoundFunctionScan or BoundCommonTableScan or BoundRecursion or BoundAggregate:
                    _made.UnionWith(node.Output);
                    break;
                case BoundWindow n:
                    _made.UnionWith(n.Calls.Select(c => c.Column));
                    break;
                case BoundProjectSet n:
                    _made.UnionWith(n.Calls.SelectMany(c => c.Columns));
                    break;
            }

            switch (node)
            {
                case BoundCommonTableScan { IsWorkingTable: true } n:
                    _read.Add(n.Table);
                    break;
                case BoundRecursion n:
                    _defined.Add(n.Table);
                    break;
                case BoundProjectSet n:
                    foreach (var call in n.Calls)
                        Note(call.Call.Function.Volatility);
                    break;
                case BoundFunctionScan n:
                    foreach (var call in n.Calls)
                        Note(call.Call.Function.Volatility);
                    break;
                case BoundAggregate n:
                    foreach (var call in n.Calls)
                        Note(call.Call.Function.Volatility);
                    break;
                case BoundLockRows:
                    Note(Volatility.Volatile);
                    break;
            }

            return base.Rewrite(node);
        }

        void Note(Volatility volatility)
        {
            if (volatility > Volatility)
                Volatility = volatility;
        }
    }
}
