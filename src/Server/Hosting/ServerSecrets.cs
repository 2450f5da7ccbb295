using System.Security.Cryptography;
using Chitin.Catalog;
using Chitin.Cryptography.Scram;
using Chitin.Transactions;

namespace Chitin.Server.Hosting;

/// <summary>Secrets of the server itself. They stand in the catalog (encrypted with the store) under names that no statement shows.</summary>
internal static class ServerSecrets
{
    private const string ScramMockName = "secret.scram-mock";

    /// <summary>What the salts of users that do not exist are made of; made at the first start, so that a restart does not tell real users from made-up ones.</summary>
    public static async Task<ScramMock> LoadScramMockAsync(CatalogStore catalog, TransactionManager transactions, CancellationToken cancellationToken)
    {
        if (!catalog.Current.ClusterSettings.TryGetValue(ScramMockName, out var secret))
        {
            secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
            await using var transaction = transactions.Begin(new TransactionOptions());
            var change = catalog.Begin(transaction);
            change.PutClusterSetting(ScramMockName, secret);
            await transaction.CommitAsync(cancellationToken);
        }

        return new ScramMock(Convert.FromBase64String(secret));
    }
}
