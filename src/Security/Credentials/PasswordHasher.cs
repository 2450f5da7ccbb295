using Chitin.Core;
using Chitin.Cryptography.Scram;

namespace Chitin.Security.Credentials;

/// <summary>
/// Makes the verifiers that are stored of passwords. Few hashes run at once, so that a flood of CREATE USER statements leaves the processors to the rest
/// (SECURITY-SPEC 2.3: at most a core in eight, one at least).
/// </summary>
public sealed class PasswordHasher : IDisposable
{
    /// <summary>Bytes; PostgreSQL's longest password message is of the same order.</summary>
    public const int MaximumLength = 1024;

    private readonly SemaphoreSlim _slots = new(Math.Max(1, Environment.ProcessorCount / 8));

    /// <summary>A text that is a verifier already is kept as it is; else 28P01 for an empty or overlong password, or a new verifier.</summary>
    public string MakeVerifier(string password, PasswordPolicy policy)
    {
        if (policy.KeepsVerifiers && ScramVerifier.TryParse(password, out var given))
            return given!.Format();
        if (password.Length == 0)
            throw new SqlException(SqlState.InvalidPassword, "empty passwords are not permitted");
        if (password.Length > MaximumLength)
            throw new SqlException(SqlState.InvalidPassword, "password too long") { Hint = $"Passwords must be {MaximumLength} characters or shorter." };
        if (password.EnumerateRunes().Count() < policy.MinimumLength)
            throw new SqlException(SqlState.InvalidPassword, "password too short") { Hint = $"Passwords must be {policy.MinimumLength} characters or longer." };
        _slots.Wait();
        try
        {
            return ScramVerifier.Create(password, policy.Iterations).Format();
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}
