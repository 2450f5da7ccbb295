using Chitin.Sql.SystemViews;

namespace Chitin.SqlLogicTests;

/// <summary>Every computed table can be read whole, and its rows fit its columns.</summary>
public sealed class SystemTableTests
{
    [Fact]
    public async Task All_tables_can_be_read()
    {
        await using var node = await InProcessNode.StartAsync();
        var (session, sink) = node.Connect("root");
        await using (session)
        {
            await session.QueryAsync(
                """
                CREATE TYPE mood AS ENUM ('sad', 'ok');
                CREATE TABLE parent (id serial PRIMARY KEY, name varchar(20) NOT NULL UNIQUE, m mood DEFAULT 'ok', CHECK (id > 0));
                CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY, p int REFERENCES parent ON DELETE CASCADE, a numeric(8,2)[]);
                CREATE INDEX child_p ON child (p DESC, (p + 1)) WHERE p > 3;
                CREATE VIEW v AS SELECT name FROM parent;
                CREATE USER someone;
                GRANT SELECT ON parent TO someone;
                COMMENT ON TABLE parent IS 'p';
                """);
            Assert.Null(sink.LastError);
            foreach (var table in SystemCatalog.Instance.Names)
            {
                sink.Clear();
                var error = await session.QueryAsync($"SELECT * FROM {table}");
                Assert.True(error is null && sink.LastError is null, $"{table}: {(error ?? sink.LastError)?.Message}");
            }
        }
    }
}
