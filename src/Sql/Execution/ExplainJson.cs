using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chitin.Sql.Binding;
using Chitin.Sql.Planning;
using Chitin.Sql.Syntax;

namespace Chitin.Sql.Execution;

/// <summary>EXPLAIN (FORMAT JSON): a tree of nodes under "Plan", with PostgreSQL's property names (14.1, explain.c).</summary>
internal static class ExplainJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="compiled">What was explained.</param>
    /// <param name="explain">Its options.</param>
    /// <param name="instrumentation">Counts of a run; null without ANALYZE.</param>
    /// <param name="executionTime">How long the run took; null when it is not told.</param>
    public static string Write(CompiledStatement compiled, BoundExplain explain, Instrumentation? instrumentation, TimeSpan? executionTime)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartArray();
            json.WriteStartObject();
            json.WritePropertyName("Plan");
            var root = ExplainRunner.Root(compiled);
            if (Target(explain.Statement) is var (operation, table, alias))
            {
                json.WriteStartObject();
                json.WriteString("Node Type", "ModifyTable");
                json.WriteString("Operation", operation);
                json.WriteBoolean("Parallel Aware", false);
                json.WriteBoolean("Async Capable", false);
                json.WriteString("Relation Name", table);
                json.WriteString("Alias", alias);
                WriteCosts(json, root.Node, explain);
                json.WriteStartArray("Plans");
                WriteNode(json, root.Node, root, explain, instrumentation, "Outer");
                json.WriteEndArray();
                json.WriteEndObject();
            }
            else
                WriteNode(json, root.Node, root, explain, instrumentation, null);
            if (executionTime is { } time)
                json.WriteNumber("Execution Time", Math.Round(time.TotalMilliseconds, 3));
            json.WriteEndObject();
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static (string Operation, string Table, string Alias)? Target(BoundStatement statement) => statement switch
    {
        BoundInsert s => ("Insert", s.Target.Table.Name, s.Target.Table.Name),
        BoundUpdate s => ("Update", s.Target.Table.Name, s.TargetScan.Alias),
        BoundDelete s => ("Delete", s.Target.Table.Name, s.TargetScan.Alias),
        BoundMerge s => ("Merge", s.Target.Table.Name, s.TargetScan.Alias),
        _ => null,
    };

    private static void WriteNode(Utf8JsonWriter json, PlanNode node, OperatorTemplate? template, BoundExplain explain, Instrumentation? instrumentation, string? relationship)
    {
        // A projection is no node of its own in PostgreSQL.
        if (node is PlanProject)
        {
            var (input, below) = ExplainRunner.Inputs(node, template).First();
            WriteNode(json, input, below, explain, instrumentation, relationship);
            return;
        }

        json.WriteStartObject();
        json.WriteString("Node Type", NodeType(node));
        if (relationship is not null)
            json.WriteString("Parent Relationship", relationship);
        WriteKind(json, node);
        json.WriteBoolean("Parallel Aware", false);
        json.WriteBoolean("Async Capable", false);
        WriteRelation(json, node);
        WriteCosts(json, node, explain);
        if (instrumentation is not null && template is not null && template.Node == node && instrumentation.Find(template) is { } counts)
        {
            json.WriteNumber("Actual Startup Time", Milliseconds(counts.StartupTicks));
            json.WriteNumber("Actual Total Time", Milliseconds(counts.TotalTicks));
            json.WriteNumber("Actual Rows", counts.Rows);
            json.WriteNumber("Actual Loops", counts.Loops);
        }

        WriteDetails(json, node);
        var inputs = ExplainRunner.Inputs(node, template).ToList();
        if (inputs.Count > 0)
        {
            json.WriteStartArray("Plans");
            for (var i = 0; i < inputs.Count; i++)
                WriteNode(json, inputs[i].Node, inputs[i].Template, explain, instrumentation, node is PlanSetOperation ? "Member" : i == 0 ? "Outer" : "Inner");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static bool IsSequential(PlanScan scan) =>
        scan.IsPrimary && (scan.Condition == IndexCondition.Full || (scan.Condition.Equal.IsEmpty && scan.Condition.Lower is null && scan.Condition.Upper is null));

    private static string NodeType(PlanNode node) => node switch
    {
        PlanScan scan => IsSequential(scan) ? "Seq Scan" : scan.IndexOnly ? "Index Only Scan" : "Index Scan",
        PlanVirtualScan => "Seq Scan",
        PlanValues { Values.Columns.IsEmpty: true } or PlanFilter => "Result",
        PlanValues => "Values Scan",
        PlanNestedLoop => "Nested Loop",
        PlanHashJoin => "Hash Join",
        PlanMergeJoin => "Merge Join",
        PlanAggregate or PlanDistinct { Sorted: false } => "Aggregate",
        PlanWindow => "WindowAgg",
        PlanSort => "Sort",
        PlanLimit => "Limit",
        PlanDistinct => "Unique",
        PlanSetOperation operation => operation.Operation.Operator == SetOperator.Union ? "Append" : "SetOp",
        PlanProjectSet => "ProjectSet",
        PlanFunctionScan => "Function Scan",
        PlanCommonTableScan scan => scan.Scan.IsWorkingTable ? "WorkTable Scan" : "CTE Scan",
        PlanRecursion => "Recursive Union",
        PlanLockRows => "LockRows",
        _ => node.GetType().Name["Plan".Length..],
    };

    private static void WriteKind(Utf8JsonWriter json, PlanNode node)
    {
        switch (node)
        {
            case PlanAggregate aggregate:
                json.WriteString("Strategy", aggregate.Strategy.ToString());
                json.WriteString("Partial Mode", "Simple");
                break;
            case PlanDistinct { Sorted: false }:
                json.WriteString("Strategy", "Hashed");
                json.WriteString("Partial Mode", "Simple");
                break;
            case PlanSetOperation { Operation.Operator: not SetOperator.Union } operation:
                json.WriteString("Command", operation.Operation.Operator + (operation.Operation.All ? " All" : ""));
                break;
            case PlanNestedLoop loop:
                json.WriteString("Join Type", loop.Kind.ToString());
                break;
            case PlanHashJoin join:
                json.WriteString("Join Type", join.Kind.ToString());
                break;
            case PlanMergeJoin join:
                json.WriteString("Join Type", join.Kind.ToString());
                break;
        }
    }

    private static void WriteRelation(Utf8JsonWriter json, PlanNode node)
    {
        switch (node)
        {
            case PlanScan scan:
                if (!IsSequential(scan))
                {
                    json.WriteString("Scan Direction", scan.Reverse ? "Backward" : "Forward");
                    json.WriteString("Index Name", scan.Index.Name);
                }

                json.WriteString("Relation Name", scan.Scan.Table.Name);
                json.WriteString("Alias", scan.Scan.Alias);
                break;
            case PlanVirtualScan scan:
                json.WriteString("Relation Name", scan.Scan.Table.Name);
                json.WriteString("Alias", scan.Scan.Table.Name);
                break;
            case PlanFunctionScan scan:
                json.WriteString("Function Name", scan.Scan.Calls[0].Call.Function.Name);
                break;
            case PlanCommonTableScan scan:
                json.WriteString("CTE Name", scan.Scan.Table.Name);
                break;
        }
    }

    private static void WriteCosts(Utf8JsonWriter json, PlanNode node, BoundExplain explain)
    {
        if (!explain.Options.Costs)
            return;
        json.WriteNumber("Startup Cost", Math.Round(node.StartupCost, 2));
        json.WriteNumber("Total Cost", Math.Round(node.Cost, 2));
        json.WriteNumber("Plan Rows", Math.Ceiling(node.Rows));
    }

    /// <summary>The lines of the text form, "Filter: …", are properties here; a sort key is a list.</summary>
    private static void WriteDetails(Utf8JsonWriter json, PlanNode node)
    {
        if (node is PlanSort sort)
        {
            json.WriteStartArray("Sort Key");
            foreach (var key in sort.Keys)
                json.WriteStringValue(BoundText.Describe(key.Expression) + (key.Descending ? " DESC" : ""));
            json.WriteEndArray();
            return;
        }

        foreach (var line in ExplainRunner.Details(node))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            json.WriteString(line[..colon], line[(colon + 2)..]);
        }
    }

    private static double Milliseconds(long ticks) => Math.Round(ticks * 1000.0 / Stopwatch.Frequency, 3);
}
