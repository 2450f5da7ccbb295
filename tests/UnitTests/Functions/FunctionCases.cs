using Chitin.Core;

namespace Chitin.UnitTests.Functions;

/// <summary>Runs tables of cases: one per line, an expression, ⇒, and its result as PostgreSQL 15 gives it (∅ for NULL, an error by its SQLSTATE).</summary>
static class FunctionCases
{
    internal static void Check(string table)
    {
        var failures = new List<string>();
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var arrow = line.IndexOf(" ⇒ ", StringComparison.Ordinal);
            var (expression, expected) = (line[..arrow], line[(arrow + 3)..]);
            var actual = Run(expression);
            if (actual != expected)
                failures.Add($"{expression}: {actual} instead of {expected}");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    static string Run(string expression)
    {
        try
        {
            return Expression.Evaluate(expression)?.Replace("\n", "\\n", StringComparison.Ordinal) ?? "∅";
        }
        catch (SqlException e)
        {
            return "error " + e.State.Code;
        }
    }
}
