namespace Chitin.Protocol;

/// <summary>Bounds on what a client may send. Beyond one of them the connection ends with 08P01.</summary>
public sealed record WireLimits
{
    public static WireLimits Default { get; } = new();

    /// <summary>Longest Query, Parse, Bind, FunctionCall or CopyData message in bytes, its length word included. CockroachDB's default.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Longest startup packet; MAX_STARTUP_PACKET_LENGTH of PostgreSQL.</summary>
    public int MaxStartupBytes { get; init; } = 10_000;

    /// <summary>Longest message before authentication; PG_MAX_AUTH_TOKEN_LENGTH of PostgreSQL.</summary>
    public int MaxAuthenticationBytes { get; init; } = 65_535;

    /// <summary>Longest message of the kinds that carry names only (Describe, Execute, Close, Sync …); PQ_SMALL_MESSAGE_LIMIT of PostgreSQL.</summary>
    public int MaxSmallMessageBytes { get; init; } = 10_000;

    /// <summary>The bound for messages of one kind after authentication.</summary>
    public int For(FrontendCode code) => code switch
    {
        FrontendCode.Query or FrontendCode.Parse or FrontendCode.Bind or FrontendCode.FunctionCall or FrontendCode.CopyData => MaxMessageBytes,
        FrontendCode.Password => MaxAuthenticationBytes,
        _ => MaxSmallMessageBytes,
    };
}
