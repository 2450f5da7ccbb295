using Chitin.Core;
using Chitin.Sessions;

namespace Chitin.SqlLogicTests;

/// <summary>An error shows no value that its reader could not select.</summary>
public sealed class ErrorDetailTests : IAsyncLifetime
{
    private InProcessNode _node = null!;
    private (Session Session, CollectingSink Sink) _root;
    private (Session Session, CollectingSink Sink) _bob;

    public async ValueTask InitializeAsync()
    {
        _node = await InProcessNode.StartAsync();
        _root = _node.Connect("root");
        Assert.Null(await _root.Session.QueryAsync("""
            CREATE TABLE parent (id int PRIMARY KEY);
            CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE, b int CHECK (b > 0), pub text NOT NULL, p int REFERENCES parent);
            INSERT INTO parent VALUES (1);
            INSERT INTO t VALUES (1, 'hidden', 5, 'x', 1), (2, 'other', 6, 'y', 1);
            CREATE USER bob;
            GRANT UPDATE ON t TO bob;
            GRANT INSERT ON t TO bob;
            GRANT DELETE ON parent TO bob;
            """));
        _bob = _node.Connect("bob");
    }

    public async ValueTask DisposeAsync()
    {
        await _bob.Session.DisposeAsync();
        await _root.Session.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData("UPDATE t SET b = -1", null, "Failing row contains (pub) = (x).", "Failing row contains (1, hidden, -1, x, 1).")]
    [InlineData("UPDATE t SET pub = NULL", null, "Failing row contains (pub) = (null).", "Failing row contains (1, hidden, 5, null, 1).")]
    [InlineData("UPDATE t SET a = 'same'", null, null, "Key (a)=(same) already exists.")]
    [InlineData("UPDATE t SET p = 7", "Key is not present in table \"parent\".", "Key is not present in table \"parent\".", "Key (p)=(7) is not present in table \"parent\".")]
    [InlineData("DELETE FROM parent", "Key is still referenced from table \"t\".", "Key is still referenced from table \"t\".", "Key (id)=(1) is still referenced from table \"t\".")]
    public async Task Details_show_what_the_user_may_read(string sql, string? nothing, string? column, string? all)
    {
        Assert.Equal(nothing, await DetailAsync(sql));
        await GrantAsync("GRANT SELECT (pub) ON t TO bob");
        Assert.Equal(column, await DetailAsync(sql));
        await GrantAsync("GRANT SELECT ON t, parent TO bob");
        Assert.Equal(all, await DetailAsync(sql));
        if (!sql.StartsWith("UPDATE", StringComparison.Ordinal))
            return;
        await GrantAsync("ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY everything ON t USING (true)");
        Assert.Equal(sql.Contains("p =", StringComparison.Ordinal) ? nothing : null, await DetailAsync(sql));
    }

    private async Task GrantAsync(string sql) => Assert.Null(await _root.Session.QueryAsync(sql));

    private async Task<string?> DetailAsync(string sql)
    {
        var error = await _bob.Session.QueryAsync(sql);
        Assert.StartsWith("23", error?.State.Code, StringComparison.Ordinal);
        return error!.Detail;
    }
}
