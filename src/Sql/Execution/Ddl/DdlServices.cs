using Chitin.Security.Credentials;

namespace Chitin.Sql.Execution.Ddl;

/// <summary>What definitions need from outside the engine.</summary>
public sealed record DdlServices
{
    /// <summary>Checks a password against the policy and gives its verifier.</summary>
    public required Func<string, PasswordPolicy, string> MakePasswordVerifier { get; init; }

    /// <summary>Passwords cannot be set in insecure mode.</summary>
    public bool IsInsecure { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
