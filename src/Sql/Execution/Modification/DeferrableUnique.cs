using Chitin.Catalog;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Transactions;

namespace Chitin.Sql.Execution;

/// <summary>
/// UNIQUE … DEFERRABLE: rows with equal keys may exist for a while, so that their index entries carry the primary key like those of a plain index. Whoever writes one locks the key's values
/// and looks for a second entry when the statement is through, or at commit when the constraint is deferred.
/// </summary>
internal static class DeferrableUnique
{
    /// <summary>What all entries with these values begin with; null when a NULL among them differs from everything.</summary>
    public static byte[]? PrefixOf(IndexWriter index, ReadOnlySpan<Datum> parts)
    {
        var prefix = new ByteWriter(48);
        prefix.Write(index.Codec.Prefix);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].IsNull && !index.Index.NullsNotDistinct)
                return null;
            KeySpace.WritePart(prefix, index.Index.Parts[i], parts[i]);
        }

        return prefix.ToArray();
    }

    public static void Schedule(StatementEnvironment environment, TableDescriptor table, IndexDescriptor index, byte[] prefix, string? key, bool rowsAreOld)
    {
        if (environment.ConstraintModes.IsDeferred(index.Id, index.Deferrable, index.InitiallyDeferred))
            environment.DeferredChecks.Add(new DeferredCheck(index.Id, CheckAsync));
        else
            environment.StatementChecks.Add(CheckAsync);

        ValueTask CheckAsync(StatementEnvironment env)
        {
            var end = KeySpace.PrefixEnd(prefix);
            // As with foreign keys: READ COMMITTED validates nothing, so that the look is at what is committed now.
            using var entries = env.Transaction.Isolation == IsolationLevel.ReadCommitted ? env.Transaction.ScanLatest(prefix, end) : env.Transaction.Scan(prefix, end);
            if (entries.MoveNext() && entries.MoveNext())
                throw ConstraintErrors.Unique(table, index, key, rowsAreOld);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Runs the checks that waited for the statement's end.</summary>
    public static async ValueTask FinishAsync(StatementEnvironment environment)
    {
        foreach (var check in environment.StatementChecks)
            await check(environment);
        environment.StatementChecks.Clear();
    }
}
