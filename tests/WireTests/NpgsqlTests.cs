using Npgsql;
using NpgsqlTypes;

namespace Chitin.WireTests;

/// <summary>Npgsql speaks binary: every type as a parameter, stored, and read again.</summary>
public sealed class NpgsqlTests(RunningNode node)
{
    private static readonly DateTime s_utc = new(2024, 2, 29, 23, 59, 59, 999, 999, DateTimeKind.Utc);

    public static TheoryData<string, NpgsqlDbType, object> Values => new()
    {
        { "bool", NpgsqlDbType.Boolean, true },
        { "int2", NpgsqlDbType.Smallint, (short)-32768 },
        { "int4", NpgsqlDbType.Integer, int.MinValue },
        { "int8", NpgsqlDbType.Bigint, long.MaxValue },
        { "float4", NpgsqlDbType.Real, 1.5f },
        { "float8", NpgsqlDbType.Double, Math.PI },
        { "numeric", NpgsqlDbType.Numeric, 1234567890.0123456789m },
        { "numeric(12,2)", NpgsqlDbType.Numeric, -99.50m },
        { "text", NpgsqlDbType.Text, "Zażółć gęślą jaźń 🦎" },
        { "varchar(20)", NpgsqlDbType.Varchar, "twenty" },
        { "char(6)", NpgsqlDbType.Char, "abc   " },
        { "name", NpgsqlDbType.Name, "a_name" },
        { "bytea", NpgsqlDbType.Bytea, new byte[] { 0, 1, 255 } },
        { "date", NpgsqlDbType.Date, new DateOnly(2024, 2, 29) },
        { "time", NpgsqlDbType.Time, new TimeOnly(23, 59, 59, 999, 999) },
        { "timetz", NpgsqlDbType.TimeTz, new DateTimeOffset(1, 1, 2, 13, 14, 15, TimeSpan.FromHours(2)) },
        { "timestamp", NpgsqlDbType.Timestamp, DateTime.SpecifyKind(s_utc, DateTimeKind.Unspecified) },
        { "timestamptz", NpgsqlDbType.TimestampTz, s_utc },
        { "interval", NpgsqlDbType.Interval, new NpgsqlInterval(14, -3, 3_600_000_001) },
        { "uuid", NpgsqlDbType.Uuid, Guid.Parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11") },
        { "json", NpgsqlDbType.Json, """{"a": [1, 2,  3]}""" },
        { "jsonb", NpgsqlDbType.Jsonb, """{"a": [1, 2, 3], "bb": null}""" },
        { "oid", NpgsqlDbType.Oid, 4294967295u },
        { "int4[]", NpgsqlDbType.Array | NpgsqlDbType.Integer, new[] { 1, -2, 3 } },
        { "text[]", NpgsqlDbType.Array | NpgsqlDbType.Text, new[] { "a", "b,c", "\"" } },
        { "uuid[]", NpgsqlDbType.Array | NpgsqlDbType.Uuid, new[] { Guid.Empty } },
        { "numeric[]", NpgsqlDbType.Array | NpgsqlDbType.Numeric, new[] { 1.10m, -2m } },
        { "timestamptz[]", NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, new[] { s_utc } },
        { "bytea[]", NpgsqlDbType.Array | NpgsqlDbType.Bytea, new[] { new byte[] { 7 } } },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_goes_and_comes_back(string type, NpgsqlDbType dbType, object value)
    {
        await using var connection = await node.OpenAsync();
        await RunningNode.Execute(connection, $"CREATE TEMP TABLE kept (id int PRIMARY KEY, value {type})");
        await using (var insert = new NpgsqlCommand("INSERT INTO kept VALUES (1, $1), (2, NULL)", connection))
        {
            insert.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = dbType });
            Assert.Equal(2, await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        await using var select = new NpgsqlCommand("SELECT value FROM kept ORDER BY id", connection);
        await using var reader = await select.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        var read = typeof(NpgsqlDataReader).GetMethod(nameof(NpgsqlDataReader.GetFieldValue))!.MakeGenericMethod(value.GetType()).Invoke(reader, [0]);
        Assert.Equal(value, read);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.True(reader.IsDBNull(0));
    }

    [Fact]
    public async Task An_enum_is_a_type_of_its_own()
    {
        await using (var connection = await node.OpenAsync())
            await RunningNode.Execute(connection, "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
        var builder = new NpgsqlDataSourceBuilder(node.ConnectionString());
        builder.MapEnum<Mood>("mood");
        await using var source = builder.Build();
        await using var command = source.CreateCommand("SELECT $1, $1 > 'sad'::mood");
        command.Parameters.Add(new NpgsqlParameter { Value = Mood.Happy, DataTypeName = "mood" });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Mood.Happy, reader.GetFieldValue<Mood>(0));
        Assert.True(reader.GetBoolean(1));
    }

    [Fact]
    public async Task A_batch_is_one_round_trip_and_fails_as_one()
    {
        await using var connection = await node.OpenAsync();
        await RunningNode.Execute(connection, "CREATE TEMP TABLE batched (id int PRIMARY KEY)");
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("INSERT INTO batched VALUES (1)"), new("INSERT INTO batched VALUES (2)"), new("INSERT INTO batched VALUES (1)") },
        };
        var error = await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        Assert.Equal("23505", error.SqlState);
        Assert.Equal("batched_pkey", error.ConstraintName);
        Assert.Equal(0L, await RunningNode.Scalar(connection, "SELECT count(*) FROM batched"));
    }

    [Fact]
    public async Task A_reader_takes_rows_in_portions_and_a_transaction_rolls_back()
    {
        await using var connection = await node.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await RunningNode.Execute(connection, "CREATE TABLE passing (id int)");
        await RunningNode.Execute(connection, "INSERT INTO passing SELECT * FROM generate_series(1, 10000)");
        await transaction.SaveAsync("point", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<PostgresException>(() => RunningNode.Execute(connection, "SELECT 1 / 0"));
        await transaction.RollbackAsync("point", TestContext.Current.CancellationToken);
        Assert.Equal(50005000L, await RunningNode.Scalar(connection, "SELECT sum(id) FROM passing"));
        await transaction.RollbackAsync(TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunningNode.Execute(connection, "SELECT * FROM passing"));
        Assert.Equal("42P01", error.SqlState);
    }

    [Fact]
    public async Task Binary_copy_goes_in_and_out()
    {
        await using var connection = await node.OpenAsync();
        await RunningNode.Execute(connection, "CREATE TEMP TABLE imported (id int PRIMARY KEY, name text, at timestamptz)");
        await using (var importer = await connection.BeginBinaryImportAsync("COPY imported (id, name, at) FROM STDIN (FORMAT binary)", TestContext.Current.CancellationToken))
        {
            for (var i = 0; i < 1000; i++)
            {
                await importer.StartRowAsync(TestContext.Current.CancellationToken);
                await importer.WriteAsync(i, NpgsqlDbType.Integer, TestContext.Current.CancellationToken);
                await importer.WriteAsync($"name {i}", NpgsqlDbType.Text, TestContext.Current.CancellationToken);
                await importer.WriteAsync(s_utc, NpgsqlDbType.TimestampTz, TestContext.Current.CancellationToken);
            }

            Assert.Equal(1000UL, await importer.CompleteAsync(TestContext.Current.CancellationToken));
        }

        await using var exporter = await connection.BeginBinaryExportAsync("COPY (SELECT id, name FROM imported ORDER BY id) TO STDOUT (FORMAT binary)", TestContext.Current.CancellationToken);
        var rows = 0;
        while (await exporter.StartRowAsync(TestContext.Current.CancellationToken) != -1)
        {
            Assert.Equal(rows, await exporter.ReadAsync<int>(TestContext.Current.CancellationToken));
            Assert.Equal($"name {rows++}", await exporter.ReadAsync<string>(TestContext.Current.CancellationToken));
        }

        Assert.Equal(1000, rows);
    }

    [Fact]
    public async Task Notifications_arrive()
    {
        await using var listener = await node.OpenAsync();
        var heard = new TaskCompletionSource<NpgsqlNotificationEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        listener.Notification += (_, e) => heard.TrySetResult(e);
        await RunningNode.Execute(listener, "LISTEN news");
        await using var speaker = await node.OpenAsync();
        await RunningNode.Execute(speaker, "NOTIFY news, 'hello'");
        await listener.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("hello", (await heard.Task).Payload);
    }

    internal enum Mood
    {
        Sad,
        Ok,
        Happy,
    }
}
