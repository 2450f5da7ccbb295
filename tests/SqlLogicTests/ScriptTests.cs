using Chitin.Sessions;

namespace Chitin.SqlLogicTests;

/// <summary>
/// Runs the scripts of the folder scripts, each on a node of its own over an encrypted store. Records: «statement ok», «statement error CODE», «query [rowsort]» with the expected rows behind ----
/// (values with blanks between, NULL for null), «copy in [error CODE]» with the data behind ---- (a last line &lt;fail&gt; stands for CopyFail; behind a second ---- the CONTEXT of the error),
/// «copy out» with the expected data, «user NAME» for who runs what follows. Records are separated by an empty line.
/// </summary>
public sealed class ScriptTests
{
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "scripts"), "*.slt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Script_gives_what_it_says(string script)
    {
        await using var node = await InProcessNode.StartAsync();
        var sessions = new Dictionary<string, (Session Session, CollectingSink Sink)>(StringComparer.Ordinal) { ["root"] = node.Connect("root") };
        var current = sessions["root"];
        var records = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "scripts", script))).ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        foreach (var record in records)
        {
            var lines = record.Split('\n').Where(l => !l.StartsWith('#')).SkipWhile(l => l.Length == 0).ToList();
            if (lines.Count == 0)
                continue;
            var head = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (head[0] == "user")
            {
                if (!sessions.TryGetValue(head[1], out current))
                    sessions.Add(head[1], current = node.Connect(head[1]));
                continue;
            }

            var separator = lines.IndexOf("----");
            var sql = string.Join('\n', lines.Skip(1).Take((separator < 0 ? lines.Count : separator) - 1));
            current.Sink.Clear();
            var rest = separator < 0 ? [] : lines.Skip(separator + 1).ToList();
            var context = rest.IndexOf("----");
            if (head is ["copy", "in", ..])
                current.Sink.Copy.Send(context < 0 ? rest : rest[..context]);
            var error = await current.Session.QueryAsync(sql) ?? current.Sink.LastError;
            if (head is [.., "error", var code])
            {
                Assert.True(error is not null, $"{sql}\nshould have failed with {code}");
                Assert.True(code == error.State.Code, $"{sql}\nexpected {code}, got {error.State.Code}: {error.Message}");
                if (context >= 0)
                    Assert.Equal(string.Join('\n', rest.Skip(context + 1)), error.Where);
                continue;
            }

            Assert.True(error is null, $"{sql}\nfailed: {error?.State.Code} {error?.Message}\n{error?.StackTrace}");
            if (head is ["copy", "out"])
                Assert.Equal(string.Concat(rest.Select(l => l + "\n")), current.Sink.Copy.Received);
            if (head[0] == "query")
                AssertRows(sql, lines.Skip(separator + 1).Where(l => l.Length > 0).ToList(), current.Sink.Rows.Select(r => string.Join(' ', r)).ToList(), head.Contains("rowsort"));
        }

        foreach (var (session, _) in sessions.Values)
            await session.DisposeAsync();
    }

    private static void AssertRows(string sql, List<string> expected, List<string> actual, bool sort)
    {
        if (sort)
        {
            expected.Sort(StringComparer.Ordinal);
            actual.Sort(StringComparer.Ordinal);
        }

        Assert.True(expected.SequenceEqual(actual), $"{sql}\nexpected:\n{string.Join('\n', expected)}\nactual:\n{string.Join('\n', actual)}");
    }
}
