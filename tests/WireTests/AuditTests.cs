using System.Text.Json;
using Npgsql;

namespace Chitin.WireTests;

/// <summary>The audit trail as clients cause it. What each kind of statement leaves is tested without network; here: that it is there in time, and what only a client brings.</summary>
public sealed class AuditTests(RunningNode node)
{
    private string Trail => Path.Combine(node.LogDirectory, "chitin-sql-audit.log");

    [Fact]
    public async Task A_record_is_there_before_its_result()
    {
        await using var connection = await OpenAsync("audited_time");
        for (var i = 0; i < 20; i++)
        {
            await using var command = new NpgsqlCommand("SELECT secret FROM audited_time WHERE id = $1", connection) { Parameters = { new() { Value = i } } };
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            await reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(i + 1, Records("audited_time").Count(r => Tag(r) == "SELECT"));
        }

        var record = Records("audited_time")[^1];
        Assert.Equal("SELECT secret FROM audited_time WHERE id = $1", record.GetProperty("Statement").GetString());
        Assert.Equal("19", record.GetProperty("PlaceholderValues")[0].GetString());
        Assert.Equal("app", record.GetProperty("User").GetString());
        Assert.Equal("work", record.GetProperty("Database").GetString());
        Assert.Equal("audit test", record.GetProperty("ApplicationName").GetString());
        Assert.StartsWith("127.0.0.1:", record.GetProperty("ClientAddress").GetString(), StringComparison.Ordinal);
        Assert.Equal(connection.ProcessID, record.GetProperty("SessionID").GetInt32());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Trail));
    }

    [Fact]
    public async Task A_batch_leaves_a_record_for_each_statement_and_none_for_what_is_not_audited()
    {
        await using var connection = await OpenAsync("audited_batch");
        await RunningNode.Execute(connection, "CREATE TABLE not_audited (id int)");
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO audited_batch VALUES (1000, 'x') RETURNING id"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO not_audited VALUES (1)"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand("UPDATE audited_batch SET secret = 'y' WHERE id = $1") { Parameters = { new() { Value = 1000 } } });
            await batch.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(["INSERT rw 1", "UPDATE rw 1"], Records("audited_batch").Select(r => $"{Tag(r)} {r.GetProperty("AccessMode").GetString()} {r.GetProperty("NumRows").GetInt64()}").TakeLast(2));
        Assert.DoesNotContain("not_audited VALUES", string.Join('\n', Records("not_audited").Select(r => r.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_copy_is_on_record_before_its_first_byte_and_once()
    {
        await using var connection = await OpenAsync("audited_copy");
        await RunningNode.Execute(connection, "INSERT INTO audited_copy SELECT g, repeat('s', 100) FROM generate_series(1000, 20999) g");
        var before = Records("audited_copy").Count;
        var length = 0;
        using (var export = await connection.BeginTextExportAsync("COPY audited_copy TO STDOUT", TestContext.Current.CancellationToken))
        {
            while (await export.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (length == 0)
                    Assert.Equal(before + 1, Records("audited_copy").Count);
                length += line.Length + 1;
            }
        }

        Assert.True(length > 2_000_000);
        var record = Assert.Single(Records("audited_copy").Skip(before));
        Assert.Equal("COPY", Tag(record));
        Assert.True(record.GetProperty("Streamed").GetBoolean());

        await using (var writer = await connection.BeginBinaryImportAsync("COPY audited_copy FROM STDIN (FORMAT binary)", TestContext.Current.CancellationToken))
        {
            for (var i = 0; i < 3; i++)
                await writer.WriteRowAsync(TestContext.Current.CancellationToken, 50_000 + i, "in");
            await writer.CompleteAsync(TestContext.Current.CancellationToken);
        }

        record = Records("audited_copy")[^1];
        Assert.Equal((before + 2, "rw", 3), (Records("audited_copy").Count, record.GetProperty("AccessMode").GetString(), record.GetProperty("NumRows").GetInt32()));
    }

    [Fact]
    public async Task A_large_result_is_on_record_before_its_first_row_and_once()
    {
        await using var connection = await OpenAsync("audited_rows");
        await RunningNode.Execute(connection, "INSERT INTO audited_rows SELECT g, repeat('s', 50000) FROM generate_series(1000, 1399) g");
        var before = Records("audited_rows").Count;
        await using (var command = new NpgsqlCommand("SELECT * FROM audited_rows", connection))
        {
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.Equal(before + 1, Records("audited_rows").Count);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                continue;
        }

        Assert.Equal(before + 1, Records("audited_rows").Count);
    }

    [Fact]
    public async Task Denied_and_cancelled_statements_are_on_record()
    {
        await using var connection = await OpenAsync("audited_denied");
        await using (var root = await node.OpenAsRootAsync("work"))
            await RunningNode.Execute(root, $"CREATE USER nosy WITH PASSWORD '{RunningNode.Password}'");
        await using (var nosy = new NpgsqlConnection(node.ConnectionString("nosy")))
        {
            await nosy.OpenAsync(TestContext.Current.CancellationToken);
            var error = await Assert.ThrowsAsync<PostgresException>(() => RunningNode.Execute(nosy, "SELECT * FROM audited_denied"));
            Assert.Equal("42501", error.SqlState);
        }

        var record = Records("audited_denied")[^1];
        Assert.Equal(("nosy", "42501", true), (record.GetProperty("User").GetString(), record.GetProperty("SQLSTATE").GetString(), record.GetProperty("Denied").GetBoolean()));
        await RunningNode.Execute(connection, "SET statement_timeout = 50");
        await Assert.ThrowsAsync<PostgresException>(() => RunningNode.Execute(connection, "SELECT pg_sleep(30) FROM audited_denied WHERE id = 1"));
        Assert.Equal("57014", Records("audited_denied")[^1].GetProperty("SQLSTATE").GetString());
    }

    [Fact]
    public async Task Show_users_tells_when_somebody_signed_in_last()
    {
        await using var root = await node.OpenAsRootAsync();
        await RunningNode.Execute(root, $"CREATE USER newcomer WITH PASSWORD '{RunningNode.Password}'");
        Assert.Equal(DBNull.Value, await LastLogin(root, "newcomer"));
        var before = DateTime.UtcNow.AddSeconds(-1);
        await using (var newcomer = new NpgsqlConnection(node.ConnectionString("newcomer", "defaultdb") + ";Pooling=false"))
            await newcomer.OpenAsync(TestContext.Current.CancellationToken);
        Assert.InRange((DateTime)(await LastLogin(root, "newcomer"))!, before, DateTime.UtcNow.AddSeconds(1));
        // A login that fails is none.
        await RunningNode.Execute(root, "CREATE USER locked WITH PASSWORD 'another long password'");
        await using (var locked = new NpgsqlConnection(node.ConnectionString("locked", "defaultdb", "wrong") + ";Pooling=false"))
            await Assert.ThrowsAsync<PostgresException>(() => locked.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Equal(DBNull.Value, await LastLogin(root, "locked"));
    }

    internal static async Task<object?> LastLogin(NpgsqlConnection connection, string user)
    {
        await using var command = new NpgsqlCommand("SHOW USERS", connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            if (reader.GetString(0) == user)
                return reader.GetValue(reader.GetOrdinal("estimated_last_login_time"));
        }

        return null;
    }

    private static string? Tag(JsonElement record) => record.GetProperty("Tag").GetString();

    /// <summary>A connection of the user app, and an audited table of 100 rows.</summary>
    private async Task<NpgsqlConnection> OpenAsync(string table)
    {
        var connection = new NpgsqlConnection(node.ConnectionString() + ";Application Name=audit test");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await RunningNode.Execute(connection, $"CREATE TABLE {table} (id int PRIMARY KEY, secret text); INSERT INTO {table} SELECT g, 'secret ' || g FROM generate_series(0, 99) g");
        await using var root = await node.OpenAsRootAsync("work");
        await RunningNode.Execute(root, $"ALTER TABLE {table} EXPERIMENTAL_AUDIT SET READ WRITE");
        return connection;
    }

    private List<JsonElement> Records(string table)
    {
        using var file = new FileStream(Trail, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(r => r.TryGetProperty("TableName", out var name) && name.GetString() == $"work.public.{table}")];
    }
}
