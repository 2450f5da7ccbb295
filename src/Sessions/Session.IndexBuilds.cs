using Chitin.Core;
using Chitin.Sql.Execution;
using Chitin.Storage;
using Chitin.Transactions;

namespace Chitin.Sessions;

/// <summary>CREATE INDEX as a row of transactions, so that it blocks no writer.</summary>
public sealed partial class Session
{
    /// <summary>How long a failed build tries to get between the writers of its table.</summary>
    private static readonly TimeSpan s_abandonPatience = TimeSpan.FromSeconds(10);

    /// <summary>Commits the definition and fills the index. When that fails, or the client cancels it, nothing of the index stays.</summary>
    private async ValueTask BuildIndexAsync(IndexBuild build)
    {
        await _transaction!.CommitAsync(CancellationToken.None);
        await _transaction.DisposeAsync();
        (_transaction, _catalogTransaction) = (null, null);
        // From here on the statement cannot be run again from its start.
        _retryAllowed = false;
        var token = _interrupt.Token;
        try
        {
            while (!build.IsDone)
            {
                token.ThrowIfCancellationRequested();
                await RunStepAsync(build, environment => _host.Engine.BuildIndexAsync(build, environment, token));
            }
        }
        catch
        {
            await AbandonIndexAsync(build);
            throw;
        }
    }

    private async ValueTask AbandonIndexAsync(IndexBuild build)
    {
        using var patience = new CancellationTokenSource(s_abandonPatience);
        try
        {
            while (!await RunStepAsync(build, environment => _host.Engine.AbandonIndexAsync(build, environment, patience.Token)))
                patience.Token.ThrowIfCancellationRequested();
        }
        catch (Exception e) when (e is SqlException or StorageException or OperationCanceledException)
        {
            // What made the build fail is what the client is told.
            _host.Logger.IndexLeftBehind(BackendPid, build.IndexId, e);
        }
    }

    /// <summary>False when the step met a change by another and has to be done again.</summary>
    private async ValueTask<bool> RunStepAsync(IndexBuild build, Func<StatementEnvironment, ValueTask> step)
    {
        await using var transaction = _host.Transactions.Begin(new TransactionOptions { LockTimeout = TimeSpan.FromMilliseconds(Settings.GetNumber(s_lockTimeout)) });
        try
        {
            await step(MakeEnvironment(transaction, _host.Catalog.Begin(transaction), mayBuildLater: true));
            await transaction.CommitAsync(CancellationToken.None);
            build.Committed();
            return true;
        }
        catch (SqlException e) when (e.State.Code is "40001" or "40P01")
        {
            build.Conflicted();
            return false;
        }
    }
}
