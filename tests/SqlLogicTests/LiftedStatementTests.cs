using System.Globalization;
using System.Text.RegularExpressions;
using Chitin.Sessions;

namespace Chitin.SqlLogicTests;

/// <summary>Statements of the simple protocol share a plan with others that differ in constants only. Each answer is compared with that of the same statement parsed by itself.</summary>
public sealed class LiftedStatementTests : IAsyncLifetime
{
    private const string Definition = "(a int PRIMARY KEY, b text, c numeric(6,2), d date, s smallint, big bigint, v varchar(3), ch char(4), j jsonb, f float8)";

    private InProcessNode _node = null!;
    private Session _session = null!;
    private CollectingSink _sink = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync();
        (_session, _sink) = _node.Connect("root");
        await Answer($"CREATE TABLE x {Definition}");
        await Answer($"CREATE TABLE y {Definition}");
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task They_answer_as_if_each_were_parsed_by_itself()
    {
        var random = new Random(20261124);
        string[] templates =
        [
            "INSERT INTO T VALUES (#, $, %, @, #, #, $, $, &, %)", "INSERT INTO T (a, b) VALUES (#, $), (#, NULL)", "INSERT INTO T (a, c) VALUES (#, %) ON CONFLICT (a) DO UPDATE SET c = % RETURNING *",
            "SELECT * FROM T WHERE a = #", "SELECT a, b, % FROM T WHERE b = $ AND a = #", "SELECT count(*) FROM T WHERE c = % OR d = @", "SELECT a FROM T WHERE a IN (#, #, #) ORDER BY a LIMIT 2",
            "SELECT a FROM T WHERE NOT (v = $ OR ch = $) ORDER BY 1", "SELECT a + # FROM T WHERE f = %", "SELECT max(a) FROM T WHERE big = # GROUP BY s + 1 ORDER BY 1",
            "UPDATE T SET c = c + %, s = # WHERE a = #", "UPDATE T SET b = $, d = @ WHERE c = % RETURNING a, b", "UPDATE T SET (b, v) = ($, $) WHERE a = #", "UPDATE T SET f = f * % - 1, j = & WHERE a = #",
            "DELETE FROM T WHERE a = #", "DELETE FROM T WHERE b = $ AND v = $", "SELECT a FROM T WHERE a = $", "SELECT a FROM T WHERE a > # ORDER BY a", "SELECT T.b FROM T, (SELECT # AS k) q WHERE T.a = q.k",
        ];
        for (var i = 0; i < 2000; i++)
        {
            var template = templates[random.Next(templates.Length)];
            var text = string.Concat(template.Select(c => c switch
            {
                '#' => Pick(random, "1", "2", "3", "-1", "-2", "70000", "3000000000", "2147483648", "-2147483648", "0", "1.0"),
                '$' => Pick(random, "'1'", "'one'", "'it''s'", "''", "'zwölf'", "'x  '", "' 2'"),
                '%' => Pick(random, "1", "1.5", "-2.25", "0.005", "12345.678", "-7", "1e3"),
                '@' => Pick(random, "'2020-01-01'", "'2020-02-30'", "'1/2/2021'", "'infinity'", "'J2451187'"),
                '&' => Pick(random, "'{}'", "'[1, 2]'", "'{\"a\": 1}'", "'{'", "'null'"),
                _ => c.ToString(),
            }));
            var shared = await Answer(Named(text, "x"));
            var alone = await Answer(Named(text, "y") + " --");
            Assert.True(shared == alone.Replace("\"y\"", "\"x\"", StringComparison.Ordinal).Replace("y_pkey", "x_pkey", StringComparison.Ordinal), $"{text}\nshared: {shared}\nalone: {alone}");
        }

        Assert.Equal(await Answer("TABLE x"), await Answer("TABLE y"));
    }

    [Fact]
    public async Task A_change_of_definition_or_settings_reaches_the_next_text()
    {
        await Answer("INSERT INTO x (a, b) VALUES (1, '1'); INSERT INTO x (a, b) VALUES (2, '2'); INSERT INTO x (a, b) VALUES (3, '3')");
        foreach (var value in new[] { 1, 2, 3 })
            Assert.Equal($"{value}", await Answer(string.Create(CultureInfo.InvariantCulture, $"SELECT a FROM x WHERE b = '{value}'")));
        await Answer("ALTER TABLE x ALTER COLUMN b TYPE int USING b::int");
        Assert.Equal("1", await Answer("SELECT a FROM x WHERE b = '01'"));
        Assert.Equal("22P02", (await Answer("SELECT a FROM x WHERE b = 'one'"))[..5]);

        foreach (var day in new[] { 1, 2, 3 })
            await Answer($"SELECT d FROM x WHERE d = '0{day}/02/2021'");
        await Answer("UPDATE x SET d = '2021-02-03' WHERE a = 1");
        Assert.Equal("", await Answer("SELECT a FROM x WHERE d = '03/02/2021'"));
        await Answer("SET datestyle = 'iso, dmy'");
        Assert.Equal("1", await Answer("SELECT a FROM x WHERE d = '03/02/2021'"));
        Assert.Equal("t", await Answer("SELECT DATE '03/02/2021' = DATE '2021-02-03'"));
        await Answer("SET datestyle = 'iso, mdy'");
        Assert.Equal("f", await Answer("SELECT DATE '03/02/2021' = DATE '2021-02-03'"));

        // Another shape of the result is no error where the text is sent anew.
        Assert.Equal("3", await Answer("SELECT max(b) FROM x"));
        await Answer("ALTER TABLE x ALTER COLUMN b TYPE text");
        await Answer("UPDATE x SET b = 'zz' WHERE b = '3'");
        Assert.Equal("zz", await Answer("SELECT max(b) FROM x"));
    }

    [Fact]
    public async Task A_right_that_was_taken_is_missed_at_once()
    {
        await Answer("CREATE USER u; GRANT SELECT ON x TO u; INSERT INTO x (a) VALUES (1); INSERT INTO x (a) VALUES (2)");
        var (session, sink) = _node.Connect("u");
        await using (session)
        {
            for (var i = 1; i <= 3; i++)
                Assert.Null(await session.QueryAsync($"SELECT a FROM x WHERE a = {i}"));
            await Answer("REVOKE SELECT ON x FROM u");
            Assert.Equal("42501", (await session.QueryAsync("SELECT a FROM x WHERE a = 4"))?.State.Code);
            Assert.Null(sink.LastError is { State.Code: not "42501" } other ? other : null);
        }
    }

    [Fact]
    public async Task Words_that_mean_a_time_are_read_each_time()
    {
        await Answer("BEGIN");
        var first = await Answer("SELECT TIMESTAMPTZ 'now'");
        await Answer("COMMIT");
        await Task.Delay(5);
        Assert.NotEqual(first, await Answer("SELECT TIMESTAMPTZ 'now'"));
    }

    private static string Named(string text, string table) => Regex.Replace(text, @"\bT\b", table);

    private static string Pick(Random random, params string[] values) => values[random.Next(values.Length)];

    /// <summary>Rows, or the error's state and message.</summary>
    private async Task<string> Answer(string sql)
    {
        _sink.Clear();
        var error = await _session.QueryAsync(sql);
        return error is not null ? $"{error.State.Code} {error.Message}" : string.Join('\n', _sink.Rows.Select(r => string.Join('|', r)));
    }
}
