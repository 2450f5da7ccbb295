namespace Chitin.Sql.Execution.Ddl;

/// <summary>What definitions need from outside the engine.</summary>
public sealed record DdlServices
{
    /// <summary>Checks a password and gives its verifier; a given verifier is kept.</summary>
    public required Func<string, string> MakePasswordVerifier { get; init; }

    /// <summary>Passwords cannot be set in insecure mode.</summary>
    public bool IsInsecure { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
