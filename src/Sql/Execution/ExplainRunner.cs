using System.Diagnostics;
using System.Globalization;
using Chitin.Core;
using Chitin.Sql.Binding;
using Chitin.Sql.Planning;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution;

/// <summary>EXPLAIN [ANALYZE]: the plan as indented text, with estimates and, when run, counts and times.</summary>
internal static class ExplainRunner
{
    public static async ValueTask<IStatementResult> RunAsync(SqlEngine engine, BoundExplain explain, Datum[] parameters, StatementEnvironment environment, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        string? json = null;
        if (explain.Statement is not (BoundQuery or BoundInsert or BoundUpdate or BoundDelete or BoundMerge))
            lines.Add("Utility Statement");
        else
        {
            var planner = new Planner(environment.CatalogTransaction.Snapshot);
            var plan = planner.Plan(explain.Statement);
            var compiled = StatementCompiler.Compile(plan, planner);
            var instrumentation = explain.Options.Analyze ? new Instrumentation() : null;
            var start = Stopwatch.GetTimestamp();
            if (instrumentation is not null)
            {
                await using var result = await engine.RunAsync(compiled, explain.Statement, parameters, environment, instrumentation, cancellationToken);
                while (await result.MoveNextAsync(cancellationToken))
                {
                }
            }

            if (explain.Options.Format == ExplainFormat.Json)
                json = ExplainJson.Write(compiled, explain, instrumentation, instrumentation is not null && explain.Options.Summary != false ? Stopwatch.GetElapsedTime(start) : null);
            Describe(compiled, explain, instrumentation, lines);
            if (instrumentation is not null && explain.Options.Summary != false)
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"Execution Time: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.000} ms"));
        }

        List<Datum[]> rows = explain.Options.Format == ExplainFormat.Json
            ? [[Datum.FromString(json ?? "[\n  \"Utility Statement\"\n]")]]
            : [.. lines.Select(l => new[] { Datum.FromString(l) })];
        return new ChangeResult("EXPLAIN", rows.Count, rows);
    }

    private static void Describe(CompiledStatement compiled, BoundExplain explain, Instrumentation? instrumentation, List<string> lines)
    {
        var root = Root(compiled);
        var depth = 0;
        var target = explain.Statement switch
        {
            BoundInsert insert => $"Insert on {insert.Target.Table.Name}",
            BoundUpdate update => $"Update on {update.Target.Table.Name}",
            BoundDelete delete => $"Delete on {delete.Target.Table.Name}",
            BoundMerge merge => $"Merge on {merge.Target.Table.Name}",
            _ => null,
        };
        if (target is not null)
        {
            lines.Add(target + (explain.Options.Costs ? $"  (cost={Number(root.Node.StartupCost)}..{Number(root.Node.Cost)} rows={Math.Ceiling(root.Node.Rows)})" : ""));
            depth = 1;
        }

        Describe(root.Node, depth, explain, root, instrumentation, lines);
    }

    internal static OperatorTemplate Root(CompiledStatement compiled) => compiled switch
    {
        CompiledQuery query => query.Root,
        CompiledInsert insert => insert.Source,
        CompiledUpdate update => update.Source,
        CompiledDelete delete => delete.Source,
        CompiledMerge merge => merge.Source,
        _ => throw new InvariantException("a compiled statement has a source"),
    };

    private static void Describe(PlanNode node, int depth, BoundExplain explain, OperatorTemplate? template, Instrumentation? instrumentation, List<string> lines)
    {
        var indent = depth == 0 ? "" : new string(' ', ((depth - 1) * 6) + 2) + "->  ";
        var line = indent + Title(node);
        if (explain.Options.Costs)
            line += $"  (cost={Number(node.StartupCost)}..{Number(node.Cost)} rows={Math.Ceiling(node.Rows)})";
        if (instrumentation is not null && template is not null && template.Node == node && instrumentation.Find(template) is { } statistics)
            line += string.Create(CultureInfo.InvariantCulture, $" (actual time={Milliseconds(statistics.StartupTicks)}..{Milliseconds(statistics.TotalTicks)} rows={statistics.Rows} loops={statistics.Loops})");
        lines.Add(line);
        foreach (var detail in Details(node))
            lines.Add(new string(' ', (depth * 6) + 2) + detail);
        foreach (var (input, inputTemplate) in Inputs(node, template))
            Describe(input, depth + 1, explain, inputTemplate, instrumentation, lines);
    }

    private static string Title(PlanNode node) => node switch
    {
        PlanScan scan => (scan.IsPrimary
            ? scan.Condition == IndexCondition.Full || (scan.Condition.Equal.IsEmpty && scan.Condition.Lower is null && scan.Condition.Upper is null) ? $"Seq Scan on {scan.Scan.Table.Name}" : $"Index Scan using {scan.Index.Name} on {scan.Scan.Table.Name}"
            : $"Index {(scan.IndexOnly ? "Only " : "")}Scan{(scan.Reverse ? " Backward" : "")} using {scan.Index.Name} on {scan.Scan.Table.Name}")
            + (scan.Scan.Alias.Length > 0 && scan.Scan.Alias != scan.Scan.Table.Name ? " " + scan.Scan.Alias : ""),
        PlanVirtualScan scan => $"Virtual Scan on {scan.Scan.Table.Name}" + (scan.KeyColumn < 0 ? "" : $" by {scan.Scan.Table.Columns[scan.KeyColumn].Name}"),
        PlanValues { Values.Columns.IsEmpty: true } => "Result",
        PlanValues => "Values Scan",
        PlanFilter => "Filter",
        PlanProject => "Project",
        PlanNestedLoop loop => Join("Nested Loop", loop.Kind),
        PlanHashJoin join => Join("Hash Join", join.Kind),
        PlanMergeJoin join => Join("Merge Join", join.Kind),
        PlanAggregate aggregate => aggregate.Strategy switch { AggregateStrategy.Hashed => "HashAggregate", AggregateStrategy.Sorted => "GroupAggregate", _ => "Aggregate" },
        PlanWindow => "WindowAgg",
        PlanSort { Limit: not null } => "Sort (top-N)",
        PlanSort => "Sort",
        PlanLimit => "Limit",
        PlanDistinct distinct => distinct.Sorted ? "Unique" : "HashDistinct",
        PlanSetOperation operation => operation.Operation.Operator == SetOperator.Union ? "Append" : $"SetOp {operation.Operation.Operator}",
        PlanProjectSet => "ProjectSet",
        PlanFunctionScan scan => $"Function Scan on {scan.Scan.Calls[0].Call.Function.Name}",
        PlanCommonTableScan scan => $"CTE Scan on {scan.Scan.Table.Name}",
        PlanRecursion => "Recursive Union",
        PlanLockRows => "LockRows",
        _ => node.GetType().Name,
    };

    private static string Join(string method, BoundJoinKind kind) => kind == BoundJoinKind.Inner ? method : method.EndsWith(" Join", StringComparison.Ordinal)
        ? $"{method[..^5]} {kind} Join" : $"{method} {kind} Join";

    internal static IEnumerable<string> Details(PlanNode node)
    {
        if (node is PlanScan scan)
        {
            var parts = new List<string>();
            for (var i = 0; i < scan.Condition.Equal.Length; i++)
                parts.Add(PartName(scan, i) + " = …");
            if (scan.Condition.Lower is { } lower)
                parts.Add($"{PartName(scan, scan.Condition.Equal.Length)} {(lower.Inclusive ? ">=" : ">")} …");
            if (scan.Condition.Upper is { } upper)
                parts.Add($"{PartName(scan, scan.Condition.Equal.Length)} {(upper.Inclusive ? "<=" : "<")} …");
            if (parts.Count > 0)
                yield return $"Index Cond: ({string.Join(") AND (", parts)})";
            if (scan.Filter is not null)
                yield return "Filter: " + BoundText.Describe(scan.Filter);
        }
        else if (node is PlanFilter filter)
            yield return "Filter: " + BoundText.Describe(filter.Condition);
        else if (node is PlanSort sort)
            yield return "Sort Key: " + string.Join(", ", sort.Keys.Select(k => BoundText.Describe(k.Expression) + (k.Descending ? " DESC" : "")));
        else if (node is PlanHashJoin join)
            yield return "Hash Cond: " + string.Join(" AND ", join.Keys.Select(k => $"({BoundText.Describe(k.Left)} = {BoundText.Describe(k.Right)})"));
    }

    private static string PartName(PlanScan scan, int part)
    {
        var indexPart = scan.Index.Parts[part];
        return indexPart.Expression ?? scan.Scan.Table.Columns.FirstOrDefault(c => c.Id == indexPart.ColumnId)?.Name ?? "?";
    }

    internal static IEnumerable<(PlanNode Node, OperatorTemplate? Template)> Inputs(PlanNode node, OperatorTemplate? template) => node switch
    {
        PlanFilter n => [(n.Input, template switch { FilterTemplate t => t.Input, GateTemplate t => t.Input, _ => template })],
        PlanProject n => [(n.Input, template is ProjectTemplate t ? t.Input : template)],
        PlanNestedLoop n => [(n.Left, (template as JoinTemplate)?.Left), (n.Right, (template as JoinTemplate)?.Right)],
        PlanHashJoin n => [(n.Left, (template as JoinTemplate)?.Left), (n.Right, (template as JoinTemplate)?.Right)],
        PlanMergeJoin n => [(n.Left, (template as JoinTemplate)?.Left), (n.Right, (template as JoinTemplate)?.Right)],
        PlanAggregate n => [(n.Input, (template as AggregateTemplate)?.Input)],
        PlanWindow n => [(n.Input, (template as WindowTemplate)?.Input)],
        PlanSort n => [(n.Input, (template as SortTemplate)?.Input)],
        PlanLimit n => [(n.Input, (template as LimitTemplate)?.Input)],
        PlanDistinct n => [(n.Input, (template as DistinctTemplate)?.Input)],
        PlanSetOperation n => [(n.Left, (template as SetOperationTemplate)?.Left), (n.Right, (template as SetOperationTemplate)?.Right)],
        PlanProjectSet n => [(n.Input, (template as ProjectSetTemplate)?.Input)],
        PlanRecursion n => [(n.Initial, (template as RecursionTemplate)?.Initial), (n.Term, (template as RecursionTemplate)?.Term)],
        PlanLockRows n => [(n.Input, template)],
        _ => [],
    };

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Milliseconds(long ticks) => (ticks * 1000.0 / Stopwatch.Frequency).ToString("0.000", CultureInfo.InvariantCulture);
}

/// <summary>A short text of a bound expression for EXPLAIN. Constants are not shown: a plan may be logged.</summary>
internal static class BoundText
{
    public static string Describe(BoundExpression expression) => expression switch
    {
        BoundColumnReference reference => reference.Column.Name,
        BoundConstant constant => constant.Value.IsNull ? "NULL" : constant.Type.Category is Core.Types.TypeCategory.String ? "'…'" : "…",
        BoundParameter parameter => $"${parameter.Index + 1}",
        BoundCall { Operator: { Left: not null } op } call => $"({Describe(call.Arguments[0])} {op.Symbol} {Describe(call.Arguments[1])})",
        BoundCall call => $"{call.Function.Name}({string.Join(", ", call.Arguments.Select(Describe))})",
        BoundCast cast => Describe(cast.Operand),
        BoundApplyModifier modifier => Describe(modifier.Operand),
        BoundAnd and => $"({string.Join(" AND ", and.Operands.Select(Describe))})",
        BoundOr or => $"({string.Join(" OR ", or.Operands.Select(Describe))})",
        BoundNot not => $"(NOT {Describe(not.Operand)})",
        BoundIsNull isNull => $"({Describe(isNull.Operand)} IS {(isNull.Negated ? "NOT " : "")}NULL)",
        BoundInList list => $"({Describe(list.Operand)} {(list.Negated ? "NOT " : "")}IN ({list.Items.Length} items))",
        BoundSubquery => "(SubPlan)",
        _ => "(…)",
    };
}
