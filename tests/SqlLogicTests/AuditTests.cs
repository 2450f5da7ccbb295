using System.Text;
using System.Text.Json;
using Chitin.Core;
using Chitin.Security.Audit;
using Chitin.Sessions;

namespace Chitin.SqlLogicTests;

/// <summary>The audit trail as statements write it (SECURITY-SPEC 6.1). customers and orders are audited, plain is not; ana may read customers and nothing else.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private InProcessNode _node = null!;
    private (Session Session, CollectingSink Sink) _root;
    private (Session Session, CollectingSink Sink) _ana;
    private int _seen;

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync(audit: true);
        _root = _node.Connect("root");
        await Run("""
            CREATE TABLE customers (id int PRIMARY KEY, name text UNIQUE, secret text);
            CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE ON UPDATE CASCADE, amount int CHECK (amount > 0));
            CREATE TABLE plain (id int, note text);
            INSERT INTO customers VALUES (1, 'a', 's1'), (2, 'b', 's2'), (3, 'c', 's3');
            INSERT INTO orders VALUES (10, 1, 5), (11, 1, 6), (12, 2, 7);
            INSERT INTO plain VALUES (1, 'x');
            CREATE VIEW names AS SELECT id, name FROM customers;
            CREATE USER ana;
            GRANT SELECT ON customers TO ana;
            """);
        Assert.Empty(_node.AuditRecords());
        await Run("ALTER TABLE customers EXPERIMENTAL_AUDIT SET READ WRITE");
        await Run("ALTER TABLE orders EXPERIMENTAL_AUDIT SET READ WRITE");
        _ana = _node.Connect("ana");
        Assert.Equal(["ALTER TABLE customers rw", "ALTER TABLE orders rw"], New());
    }

    public async ValueTask DisposeAsync()
    {
        await _ana.Session.DisposeAsync();
        await _root.Session.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData("SELECT * FROM customers", "SELECT customers r 3")]
    [InlineData("SELECT * FROM customers WHERE false", "SELECT customers r")]
    [InlineData("SELECT 1 WHERE EXISTS (SELECT FROM customers)", "SELECT customers r 1")]
    [InlineData("SELECT note, (SELECT max(amount) FROM orders) FROM plain", "SELECT orders r 1")]
    [InlineData("SELECT c.name, o.amount FROM customers c JOIN orders o ON o.customer = c.id", "SELECT customers r 3|SELECT orders r 3")]
    [InlineData("SELECT * FROM names", "SELECT customers r 3")]
    [InlineData("WITH x AS (SELECT id FROM customers) SELECT * FROM plain JOIN x USING (id)", "SELECT customers r 1")]
    [InlineData("WITH gone AS (DELETE FROM orders WHERE id = 12 RETURNING id) SELECT count(*) FROM gone", "SELECT orders rw 1")]
    [InlineData("SELECT id FROM plain UNION ALL SELECT id FROM orders", "SELECT orders r 4")]
    [InlineData("TABLE plain", "")]
    [InlineData("INSERT INTO plain VALUES (2, 'y')", "")]
    [InlineData("SELECT relname FROM pg_class WHERE relname = 'customers'", "")]
    [InlineData("INSERT INTO plain SELECT id, secret FROM customers WHERE id < 3", "INSERT customers r 2")]
    [InlineData("INSERT INTO customers SELECT id + 10, note FROM plain", "INSERT customers rw 1")]
    [InlineData("INSERT INTO customers VALUES (1) ON CONFLICT (id) DO UPDATE SET secret = 'new' RETURNING secret", "INSERT customers rw 1")]
    [InlineData("UPDATE customers SET secret = '' WHERE id = 99", "UPDATE customers rw")]
    [InlineData("UPDATE customers SET secret = secret || '!' RETURNING id", "UPDATE customers rw 3")]
    [InlineData("UPDATE plain SET note = secret FROM customers WHERE customers.id = plain.id", "UPDATE customers r 1")]
    [InlineData("DELETE FROM orders WHERE id = 10", "DELETE orders rw 1")]
    [InlineData("DELETE FROM plain USING orders WHERE orders.id = plain.id", "DELETE orders r")]
    [InlineData("DELETE FROM customers WHERE id = 1", "DELETE customers rw 1|DELETE orders rw 1")] // ON DELETE CASCADE
    [InlineData("UPDATE customers SET id = 4 WHERE id = 2", "UPDATE customers rw 1|UPDATE orders rw 1")] // ON UPDATE CASCADE
    [InlineData("INSERT INTO orders VALUES (13, 3, 8)", "INSERT customers r 1|INSERT orders rw 1")] // the key is looked up
    [InlineData("TRUNCATE orders", "TRUNCATE TABLE orders rw")]
    [InlineData("CREATE TABLE copied AS SELECT * FROM customers", "CREATE TABLE AS customers r 3")]
    [InlineData("EXPLAIN ANALYZE SELECT * FROM customers", "EXPLAIN customers r")]
    [InlineData("ANALYZE customers", "ANALYZE customers r")]
    [InlineData("CREATE INDEX ON customers (secret)", "CREATE INDEX customers rw")]
    [InlineData("ALTER TABLE customers ADD COLUMN more int", "ALTER TABLE customers rw")]
    [InlineData("DROP TABLE orders", "DROP TABLE orders rw")]
    [InlineData("DROP TABLE customers CASCADE", "DROP TABLE customers rw")]
    [InlineData("ALTER TABLE orders EXPERIMENTAL_AUDIT SET OFF", "ALTER TABLE orders rw")]
    [InlineData("ALTER TABLE plain EXPERIMENTAL_AUDIT SET READ WRITE", "ALTER TABLE plain rw")]
    public async Task One_record_for_each_audited_table_of_a_statement(string sql, string expected)
    {
        await Run(sql);
        Assert.Equal(expected, string.Join('|', New().Order(StringComparer.Ordinal)
            .Select(r => sql.StartsWith("EXPLAIN", StringComparison.Ordinal) ? r[..r.LastIndexOf(' ')] : r)));
    }

    [Fact]
    public async Task The_fields_are_those_of_the_event()
    {
        await Run("SET application_name = 'books'");
        await Run("SELECT name, secret FROM customers WHERE id = 1");
        var record = _node.AuditRecords()[^1];
        Assert.Equal("sensitive_table_access", record.GetProperty("EventType").GetString());
        Assert.Equal("SELECT name, secret FROM customers WHERE id = 1", record.GetProperty("Statement").GetString());
        Assert.Equal("SELECT", record.GetProperty("Tag").GetString());
        Assert.Equal("root", record.GetProperty("User").GetString());
        Assert.Equal("books", record.GetProperty("ApplicationName").GetString());
        Assert.Equal("exec", record.GetProperty("ExecMode").GetString());
        Assert.Equal(1, record.GetProperty("NumRows").GetInt64());
        Assert.Equal("defaultdb.public.customers", record.GetProperty("TableName").GetString());
        Assert.Equal("r", record.GetProperty("AccessMode").GetString());
        Assert.Equal(["id", "name", "secret"], record.GetProperty("Columns").EnumerateArray().Select(c => c.GetString()));
        Assert.True(record.GetProperty("Age").GetDouble() >= 0);
        Assert.True(record.GetProperty("TxnCounter").GetInt64() > 1);
        Assert.Equal(1, record.GetProperty("StmtPosInTxn").GetInt64());
        Assert.False(record.TryGetProperty("SQLSTATE", out _));
        Assert.False(record.TryGetProperty("Denied", out _));
        var written = DateTimeOffset.UnixEpoch.AddTicks(record.GetProperty("Timestamp").GetInt64() / 100);
        Assert.InRange(written, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal(_node.AuditRecords().Select((_, i) => i + 1L), _node.AuditRecords().Select(r => r.GetProperty("Counter").GetInt64()));
    }

    [Fact]
    public async Task Each_statement_of_a_text_is_recorded_with_its_own_text()
    {
        await Run("SELECT 1; SELECT id FROM orders WHERE id = 10 ; /* and */ DELETE FROM orders WHERE id = 11");
        var texts = _node.AuditRecords().TakeLast(2).Select(r => r.GetProperty("Statement").GetString()!.Trim()).ToArray();
        Assert.Equal("SELECT id FROM orders WHERE id = 10", texts[0]);
        Assert.EndsWith("DELETE FROM orders WHERE id = 11", texts[1], StringComparison.Ordinal);
        Assert.DoesNotContain("SELECT", texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_texts_and_values_are_cut()
    {
        await Run($"SELECT * FROM orders WHERE id = 10 /* {new string('x', 300_000)} */");
        var text = _node.AuditRecords()[^1].GetProperty("Statement").GetString()!;
        Assert.StartsWith("SELECT * FROM orders WHERE id = 10 /* xxx", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 200_000, 280_000);
        Assert.EndsWith("characters)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_a_statement_is_not_recorded()
    {
        await FailAsAna("CREATE USER other PASSWORD 'hunter22hunter22'");
        var record = _node.AuditRecords()[^1];
        Assert.Equal("statement_denied", record.GetProperty("EventType").GetString());
        Assert.DoesNotContain("hunter22", record.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_statements_are_recorded_with_their_error()
    {
        Assert.Equal("23514", await Fail("INSERT INTO orders VALUES (20, 1, -1)"));
        Assert.Equal("22012", await Fail("SELECT 1 / (id - 1) FROM customers"));
        Assert.Equal("23503", await Fail("INSERT INTO orders VALUES (20, 77, 1)"));
        // Not resolved, so nothing was accessed; and what went before is not recorded again.
        Assert.Equal("42703", await Fail("SELECT nothing FROM customers"));
        await Run("SELECT id FROM customers WHERE id = 1");
        Assert.Equal("42601", await Fail("SELEC"));
        Assert.Equal(
            ["INSERT orders rw 23514", "INSERT customers r 23514", "SELECT customers r 22012", "INSERT orders rw 23503", "INSERT customers r 23503", "SELECT customers r 1"],
            New(ordered: true));
        Assert.Contains("division by zero", _node.AuditRecords().Select(r => r.TryGetProperty("ErrorText", out var e) ? e.GetString() : ""));
    }

    [Fact]
    public async Task Denied_statements_are_recorded_also_those_that_touch_no_audited_table()
    {
        Assert.Equal("42501", await FailAsAna("UPDATE customers SET secret = 'mine'"));
        Assert.Equal("42501", await FailAsAna("SELECT * FROM orders"));
        Assert.Equal("42501", await FailAsAna("SELECT * FROM plain"));
        Assert.Equal("42501", await FailAsAna("ALTER TABLE customers EXPERIMENTAL_AUDIT SET OFF"));
        Assert.Equal("42501", await FailAsAna("DROP TABLE customers"));
        Assert.Equal(["UPDATE customers rw 42501 denied", "SELECT orders r 42501 denied", "SELECT plain r 42501 denied", "ALTER TABLE customers rw 42501 denied", "DROP TABLE customers rw 42501 denied"],
            New(ordered: true));
        Assert.All(_node.AuditRecords().TakeLast(5), r => Assert.Equal("ana", r.GetProperty("User").GetString()));
        Assert.Equal("statement_denied", _node.AuditRecords()[^3].GetProperty("EventType").GetString());
    }

    [Fact]
    public async Task A_grant_and_a_view_change_what_is_denied_at_the_next_statement()
    {
        Assert.Equal("42501", await FailAsAna("SELECT * FROM names"));
        await Run("GRANT SELECT ON names TO ana");
        await RunAsAna("SELECT * FROM names");
        await Run("REVOKE SELECT ON names FROM ana");
        Assert.Equal("42501", await FailAsAna("SELECT * FROM names"));
        Assert.Equal(["SELECT customers r 42501 denied", "SELECT customers r 3", "SELECT customers r 42501 denied"], New(ordered: true));
    }

    [Fact]
    public async Task Set_role_is_recorded_with_both_names()
    {
        await Run("SET ROLE ana");
        await Run("SELECT * FROM customers");
        var record = _node.AuditRecords()[^1];
        Assert.Equal("ana", record.GetProperty("User").GetString());
        Assert.Equal("root", record.GetProperty("SessionUser").GetString());
        await Run("RESET ROLE");
    }

    [Fact]
    public async Task Cursors_are_recorded_at_their_declaration_and_at_each_fetch()
    {
        await Run("BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT * FROM customers; FETCH 2 FROM c; MOVE 1 FROM c; COMMIT");
        await Run("FETCH 5 FROM c");
        await Run("CLOSE c");
        Assert.Equal(["DECLARE CURSOR customers r", "FETCH customers r 2", "MOVE customers r", "FETCH customers r"], New(ordered: true));
        Assert.Contains("DECLARE c CURSOR", _node.AuditRecords()[^1].GetProperty("Statement").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepared_statements_are_recorded_with_their_text_and_values()
    {
        await Run("PREPARE p (int, text) AS SELECT name FROM customers WHERE id = $1 OR name = $2");
        Assert.Empty(New());
        await Run("EXECUTE p (2, 'it''s')");
        var record = _node.AuditRecords()[^1];
        Assert.Equal("EXECUTE", record.GetProperty("Tag").GetString());
        Assert.Contains("WHERE id = $1 OR name = $2", record.GetProperty("Statement").GetString(), StringComparison.Ordinal);
        Assert.Equal(["2", "it's"], record.GetProperty("PlaceholderValues").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal("0A000", await Fail("EXECUTE p ((SELECT max(id) FROM orders), NULL)"));
        await Run("EXECUTE p (1 + 1, NULL)");
        Assert.Equal(["2", "NULL"], _node.AuditRecords()[^1].GetProperty("PlaceholderValues").EnumerateArray().Select(v => v.GetString()));
        await Run("BEGIN; DECLARE c CURSOR FOR EXECUTE_IS_NOT_A_QUERY", expected: "42601");
        await Run("ROLLBACK");
    }

    [Fact]
    public async Task The_extended_protocol_records_values_and_each_execute()
    {
        var session = _root.Session;
        var sql = Encoding.UTF8.GetBytes("SELECT id FROM customers WHERE id >= $1");
        session.Parse([], sql, Encoding.UTF8.GetString(sql), [23]);
        await session.BindAsync("", session.Statement([]), [Datum.FromInt64(1)], ResultFormats.Text);
        await session.ExecuteAsync(session.Portal([]), 2);
        await session.ExecuteAsync(session.Portal([]), 2);
        await session.SyncAsync();
        Assert.Equal(["SELECT customers r 2", "SELECT customers r 1"], New(ordered: true));
        Assert.Equal("1", _node.AuditRecords()[^1].GetProperty("PlaceholderValues")[0].GetString());
        // A text that does not parse, behind one that ran: its error is not the other's.
        var error = Assert.Throws<SqlException>(() => session.Parse([], "SELEC"u8, "SELEC", []));
        await session.FailAsync(error);
        await session.SyncAsync();
        Assert.Empty(New());
    }

    [Fact]
    public async Task Copy_out_and_in_is_one_record()
    {
        await Run("COPY customers TO STDOUT");
        await Run("COPY (SELECT secret FROM customers WHERE id = 1) TO STDOUT");
        Assert.Equal(["COPY customers r 3", "COPY customers r 1"], New(ordered: true));
        _root.Sink.Clear();
        _root.Sink.Copy.Send("30\t3\t9\n31\t3\t9\n"u8.ToArray());
        Assert.Null(await _root.Session.QueryAsync("COPY orders FROM STDIN"));
        Assert.Equal(["COPY customers r 2", "COPY orders rw 2"], New());
        Assert.Equal("22P02", await FailCopy("COPY orders FROM STDIN", "nonsense\t3\t9\n"));
        Assert.Equal(["COPY customers r 22P02", "COPY orders rw 22P02"], New());
        Assert.Equal("42501", await FailAsAna("COPY orders TO STDOUT"));
        Assert.Equal(["COPY orders r 42501 denied"], New());
    }

    [Fact]
    public async Task The_record_of_a_large_result_is_written_once_and_before_its_first_row_leaves()
    {
        await Run("INSERT INTO customers SELECT g, 'n' || g, 's' FROM generate_series(100, 12099) g");
        New();
        var recordsAtFlush = new List<int>();
        var before = _node.AuditRecords().Count;
        _root.Sink.WantsFlush = true;
        _root.Sink.OnFlush = () => recordsAtFlush.Add(_node.AuditRecords().Count - before);
        await Run("SELECT * FROM customers");
        Assert.NotEmpty(recordsAtFlush);
        Assert.All(recordsAtFlush.Distinct(), n => Assert.Equal(1, n));
        Assert.Equal(["SELECT customers r streamed"], New());

        var recordsAtRow = new List<int>();
        before = _node.AuditRecords().Count;
        _root.Sink.Copy.OnRow = () => recordsAtRow.Add(_node.AuditRecords().Count - before);
        await Run("COPY (SELECT * FROM customers LIMIT 100) TO STDOUT");
        Assert.Equal([1], recordsAtRow.Distinct());
        Assert.Equal(["COPY customers r streamed"], New());
        _root.Sink.Copy.OnRow = () => { };
        _root.Sink.WantsFlush = false;
    }

    [Fact]
    public async Task What_an_audited_table_goes_with_leaves_a_record()
    {
        await Run("CREATE SCHEMA s; CREATE TABLE s.t (a int); ALTER TABLE s.t EXPERIMENTAL_AUDIT SET READ WRITE");
        await Run("DROP SCHEMA s CASCADE");
        await Run("CREATE DATABASE d");
        var (inside, _) = _node.Connect("root", "d");
        Assert.Null(await inside.QueryAsync("CREATE TABLE t (a int); ALTER TABLE t EXPERIMENTAL_AUDIT SET READ WRITE"));
        await inside.DisposeAsync();
        await Run("DROP DATABASE d CASCADE");
        await Run("CREATE USER owner; CREATE TABLE owned (a int); ALTER TABLE owned OWNER TO owner; ALTER TABLE owned EXPERIMENTAL_AUDIT SET READ WRITE");
        await Run("DROP OWNED BY owner");
        Assert.Equal(["ALTER TABLE t rw", "DROP SCHEMA t rw", "ALTER TABLE t rw", "DROP DATABASE t rw", "ALTER TABLE owned rw", "DROP OWNED owned rw"], New(ordered: true));
    }

    /// <summary>Who could roll it back has not switched it off.</summary>
    [Fact]
    public async Task Auditing_switched_off_in_a_transaction_takes_effect_with_its_commit_only()
    {
        await Run("BEGIN; ALTER TABLE orders EXPERIMENTAL_AUDIT SET OFF; SELECT * FROM orders; ROLLBACK");
        await Run("SELECT id FROM orders WHERE id = 10");
        Assert.Equal(["ALTER TABLE orders rw", "SELECT orders r 3", "SELECT orders r 1"], New(ordered: true));
        await Run("ALTER TABLE orders EXPERIMENTAL_AUDIT SET OFF; SELECT * FROM orders");
        await Run("SELECT * FROM orders");
        Assert.Equal(["ALTER TABLE orders rw", "SELECT orders r 3"], New(ordered: true));
    }

    [Fact]
    public async Task A_statement_whose_record_cannot_be_written_fails_and_changes_nothing()
    {
        await Run("SELECT * FROM customers");
        var file = Path.Combine(_node.AuditDirectory, AuditLogFile.FileName);
        // The file goes, and its place cannot be a file: not even root writes here.
        File.Move(file, file + ".moved");
        Directory.CreateDirectory(file);
        await WaitUntilAsync(async () => await Fail("SELECT * FROM customers") == "58030");
        Assert.Empty(_root.Sink.Rows);
        // What fails by itself may have rows waiting too.
        Assert.Equal("58030", await Fail("SELECT secret, 1 / (id - 3) FROM customers ORDER BY id"));
        Assert.Empty(_root.Sink.Rows);
        Assert.Equal("58030", await Fail("DELETE FROM orders"));
        Assert.Equal("58030", await FailAsAna("SELECT * FROM plain"));
        await Run("BEGIN; INSERT INTO plain VALUES (5, '')");
        Assert.Equal("58030", await Fail("INSERT INTO orders VALUES (40, 1, 1)"));
        await Run("ROLLBACK");
        await Run("SELECT * FROM plain");
        Assert.Single(_root.Sink.Rows);

        Directory.Delete(file);
        await Run("SELECT * FROM orders");
        Assert.Equal(3, _root.Sink.Rows.Count);
        Assert.Single(_node.AuditRecords());
    }

    /// <summary>Records since the last call: tag, table, mode, rows, error.</summary>
    private List<string> New(bool ordered = false)
    {
        var records = _node.AuditRecords();
        var texts = records.Skip(_seen).Select(Text).ToList();
        _seen = records.Count;
        if (!ordered)
            texts.Sort(StringComparer.Ordinal);
        return texts;
    }

    private static string Text(JsonElement record)
    {
        var text = $"{record.GetProperty("Tag").GetString()} {record.GetProperty("TableName").GetString()!.Split('.')[^1]} {record.GetProperty("AccessMode").GetString()}";
        if (record.TryGetProperty("NumRows", out var rows))
            text += $" {rows.GetInt64()}";
        if (record.TryGetProperty("SQLSTATE", out var state))
            text += $" {state.GetString()}";
        if (record.TryGetProperty("Streamed", out _))
            text += " streamed";
        return record.TryGetProperty("Denied", out _) ? text + " denied" : text;
    }

    private static async Task WaitUntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 100; i++)
        {
            if (await holds())
                return;
            await Task.Delay(50);
        }

        Assert.Fail("it did not happen within five seconds");
    }

    [Theory]
    [InlineData("SELECT * FROM customers", true, false)]
    [InlineData("SELECT count(*) FROM plain WHERE EXISTS (SELECT FROM orders WHERE orders.id = plain.id)", true, false)]
    [InlineData("SELECT name FROM customers ORDER BY name", false, true)]
    [InlineData("SELECT * FROM customers WHERE id = 1", false, false)]
    [InlineData("UPDATE customers SET secret = '' WHERE secret = 'none'", true, false)]
    [InlineData("UPDATE customers SET secret = '' WHERE id = 1", false, false)]
    public async Task A_record_tells_that_everything_was_read(string sql, bool table, bool index)
    {
        await Run(sql);
        var record = _node.AuditRecords()[^1];
        Assert.Equal(table, record.TryGetProperty("FullTableScan", out _));
        Assert.Equal(index, record.TryGetProperty("FullIndexScan", out _));
    }

    private async Task Run(string sql, string expected = "00000")
    {
        _root.Sink.Clear();
        var error = await _root.Session.QueryAsync(sql);
        Assert.True((error?.State.Code ?? "00000") == expected, $"{sql}: {error?.State.Code} {error?.Message}");
    }

    private async Task RunAsAna(string sql)
    {
        _ana.Sink.Clear();
        var error = await _ana.Session.QueryAsync(sql);
        Assert.True(error is null, $"{sql}: {error?.Message}");
    }

    private async Task<string> FailCopy(string sql, string data)
    {
        _root.Sink.Clear();
        _root.Sink.Copy.Send(Encoding.UTF8.GetBytes(data));
        return (await _root.Session.QueryAsync(sql))?.State.Code ?? "00000";
    }

    private Task<string> Fail(string sql) => Fail(_root, sql);

    private Task<string> FailAsAna(string sql) => Fail(_ana, sql);

    private static async Task<string> Fail((Session Session, CollectingSink Sink) client, string sql)
    {
        client.Sink.Clear();
        return (await client.Session.QueryAsync(sql))?.State.Code ?? "00000";
    }
}
