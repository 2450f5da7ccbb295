using System.Text;
using Chitin.Core;
using Chitin.Storage;
using Chitin.Transactions;

namespace Chitin.UnitTests.Transactions;

/// <summary>A manager over a store in memory, and short ways to say what tests say often.</summary>
internal sealed class TransactionFixture : IDisposable
{
    public TransactionFixture(ICommitLog? log = null, TransactionManagerOptions? options = null, MemoryStore? store = null)
    {
        Store = store ?? new MemoryStore();
        Manager = new TransactionManager(Store, log ?? new LocalCommitLog(Store), TimeProvider.System, options: options);
    }

    public MemoryStore Store { get; }

    public TransactionManager Manager { get; }

    public Transaction Begin(IsolationLevel isolation = IsolationLevel.Serializable, bool readOnly = false, TimeSpan lockTimeout = default) =>
        (Transaction)Manager.Begin(new TransactionOptions { Isolation = isolation, ReadOnly = readOnly, LockTimeout = lockTimeout });

    public async Task<Timestamp> Set(params (string Key, string? Value)[] rows)
    {
        await using var transaction = Begin();
        foreach (var (key, value) in rows)
        {
            if (value is null)
                transaction.Delete(Bytes(key));
            else
                transaction.Put(Bytes(key), Bytes(value));
        }

        return await transaction.CommitAsync(default);
    }

    public string? Get(string key)
    {
        var transaction = Begin(readOnly: true);
        var value = transaction.Read(key);
        transaction.RollbackAsync().AsTask().Wait();
        return value;
    }

    public void Dispose()
    {
        Manager.Dispose();
        Store.Dispose();
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

internal static class TransactionTestExtensions
{
    public static string? Read(this ITransaction transaction, string key)
    {
        using var value = transaction.Get(TransactionFixture.Bytes(key));
        return value.Found ? TransactionFixture.Text(value.Value) : null;
    }

    public static void Write(this ITransaction transaction, string key, string value) =>
        transaction.Put(TransactionFixture.Bytes(key), TransactionFixture.Bytes(value));

    public static void Erase(this ITransaction transaction, string key) => transaction.Delete(TransactionFixture.Bytes(key));

    public static async Task<LockOutcome> Lock(
        this ITransaction transaction, string key, LockMode mode = LockMode.Update, LockWaitPolicy policy = LockWaitPolicy.Wait, CancellationToken cancellation = default) =>
        await transaction.LockAsync(TransactionFixture.Bytes(key), mode, policy, cancellation);

    public static List<string> Rows(this ITransaction transaction, string lower, string upper, bool reverse = false)
    {
        using var cursor = transaction.Scan(TransactionFixture.Bytes(lower), TransactionFixture.Bytes(upper), reverse);
        return cursor.Rest();
    }

    public static List<string> Rest(this ITransactionCursor cursor)
    {
        var rows = new List<string>();
        while (cursor.MoveNext())
            rows.Add(TransactionFixture.Text(cursor.Key) + "=" + TransactionFixture.Text(cursor.Value));
        return rows;
    }

    public static async Task<string> FailsWith(this Task task) => (await Assert.ThrowsAsync<SqlException>(() => task)).State.Code;

    public static Task<string> FailsWith(this ValueTask<Timestamp> task) => task.AsTask().FailsWith();
}
