namespace Chitin.WireTests;

/// <summary>Changes of rights while others have transactions open on the table.</summary>
public sealed class RightsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("SELECT a FROM t")]
    [InlineData("UPDATE t SET a = 2")]
    public async Task An_open_transaction_holds_off_neither_a_revoke_nor_an_audit(string statement)
    {
        await using var node = await ScratchNode.StartAsync();
        await node.RunAsync("CREATE USER alice; CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT SELECT, UPDATE ON t TO alice");
        await using var alice = await node.OpenAsync("alice");
        await RunningNode.Execute(alice, $"BEGIN; {statement}");
        await node.RunAsync("ALTER TABLE t EXPERIMENTAL_AUDIT SET READ WRITE").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await node.RunAsync("REVOKE ALL ON t FROM alice").WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal("42501", await ScratchNode.FailAsync(alice, statement));
        Assert.Equal("00000", await ScratchNode.FailAsync(alice, "ROLLBACK"));
        await node.RunAsync("GRANT SELECT, UPDATE ON t TO alice");
        Assert.Equal("00000", await ScratchNode.FailAsync(alice, statement));
    }
}
