using Chitin.Catalog;

namespace Chitin.Security.Credentials;

/// <summary>What a new password must be and how it is hashed: the cluster settings of SECURITY-SPEC 2.3.</summary>
/// <param name="MinimumLength">In characters; concerns passwords given in the clear.</param>
/// <param name="Iterations">Of PBKDF2 in a new verifier.</param>
/// <param name="KeepsVerifiers">Whether a text that is a verifier already is stored as it is.</param>
public sealed record PasswordPolicy(int MinimumLength, int Iterations, bool KeepsVerifiers)
{
    public static PasswordPolicy Of(ICatalogSnapshot catalog) => new(
        ClusterSettings.Number(ClusterSettings.MinimumPasswordLength, catalog),
        ClusterSettings.Number(ClusterSettings.ScramCost, catalog),
        ClusterSettings.IsOn(ClusterSettings.KeepsVerifiers, catalog));
}
