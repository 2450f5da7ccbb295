using Chitin.Core;
using Chitin.Sql.Syntax;
using Chitin.Storage;

namespace Chitin.Sessions;

/// <summary>AS OF SYSTEM TIME of a statement. Its time is that of its transaction, which must not have run another statement at another time.</summary>
public sealed partial class Session
{
    private static SyntaxExpression? AskedTime(Statement syntax) => syntax switch
    {
        QueryStatement query => query.Query.AsOf,
        ExplainStatement explain => AskedTime(explain.Statement),
        CopyStatement { Query: { } query } => AskedTime(query),
        _ => null,
    };

    /// <summary>Gives the transaction the time that the statement asks for. 25001 when it reads at its own already, 22023 when it has been given another.</summary>
    private async ValueTask EnterTimeAsync(Statement syntax)
    {
        if (AskedTime(syntax) is not { } asked)
            return;
        var time = AsOfTimes.Resolve(asked, _transactionStartedAt, Settings.Format);
        if (_asOf is { } given)
        {
            if (given != time)
                throw new SqlException(SqlState.InvalidParameterValue, "inconsistent AS OF SYSTEM TIME timestamp: all statements of a transaction read at the same time");
            return;
        }

        if (_transaction is { } begun)
        {
            if (_statementInTransaction != 0 || _savepoints.Count != 0)
                throw new SqlException(SqlState.ActiveSqlTransaction, "AS OF SYSTEM TIME must be set before any query");
            // Parse has begun it, for another statement.
            (_transaction, _catalogTransaction) = (null, null);
            await begun.DisposeAsync();
        }

        (_asOf, _readOnly) = (time, true);
    }

    /// <summary>Plans a statement against the definitions of its time. It does not decide on the transaction yet: it may never be run there.</summary>
    private void DescribeAsOf(PreparedStatement statement, Timestamp time)
    {
        var (transaction, catalog) = (_transaction, _catalogTransaction);
        var describing = NewTransaction(time);
        try
        {
            (_transaction, _catalogTransaction) = (describing, _host.Catalog.Begin(describing));
            EnsurePlan(statement, MakeEnvironment());
        }
        finally
        {
            (_transaction, _catalogTransaction) = (transaction, catalog);
            var ended = describing.DisposeAsync();
            Invariant.Holds(ended.IsCompletedSuccessfully, "a transaction that only reads ends at once");
        }
    }
}
