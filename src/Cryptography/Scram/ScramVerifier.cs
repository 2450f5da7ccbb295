using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Chitin.Cryptography.Scram;

/// <summary>
/// What is stored of a password: enough to check it, too little to log in with. Text form as PostgreSQL's pg_authid:
/// SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey (RFC 5803).
/// </summary>
public sealed class ScramVerifier
{
    public const string Prefix = "SCRAM-SHA-256$";
    public const int DefaultIterations = 10610;   // CockroachDB's default cost
    public const int MinimumIterations = 4096;    // RFC 7677
    public const int KeyLength = 32;
    const int SaltLength = 16;
    const int MaximumSaltLength = 1024;

    readonly byte[] _salt;
    readonly byte[] _storedKey;
    readonly byte[] _serverKey;

    ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
    {
        Iterations = iterations;
        _salt = salt;
        _storedKey = storedKey;
        _serverKey = serverKey;
    }

    public int Iterations { get; }

    public ReadOnlySpan<byte> Salt => _salt;

    internal ReadOnlySpan<byte> StoredKey => _storedKey;

    internal ReadOnlySpan<byte> ServerKey => _serverKey;

    /// <summary>Costs <paramref name="iterations"/> hash rounds: callers bound how many run at once.</summary>
    public static ScramVerifier Create(string password, int iterations = DefaultIterations) =>
        Create(password, iterations, RandomNumberGenerator.GetBytes(SaltLength));

    internal static ScramVerifier Create(string password, int iterations, byte[] salt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        Span<byte> salted = stackalloc byte[KeyLength];
        SaltedPassword(password, salt, iterations, salted);
        var (storedKey, serverKey) = Keys(salted);
        CryptographicOperations.ZeroMemory(salted);
        return new ScramVerifier(iterations, salt, storedKey, serverKey);
    }

    /// <summary>A verifier that no password satisfies, for users that do not exist: its answers look like any other's.</summary>
    internal static ScramVerifier Mock(byte[] salt, int iterations) =>
        new(iterations, salt, RandomNumberGenerator.GetBytes(KeyLength), RandomNumberGenerator.GetBytes(KeyLength));

    public static bool IsVerifier(string? text) => TryParse(text, out _);

    public static bool TryParse(string? text, out ScramVerifier? verifier)
    {
        verifier = null;
        if (text is null || text.Length > 4096 || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        var parts = text[Prefix.Length..].Split('$');
        if (parts.Length != 2)
            return false;
        var (cost, keys) = (parts[0].Split(':'), parts[1].Split(':'));
        if (cost.Length != 2 || keys.Length != 2 || !int.TryParse(cost[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations < 1)
            return false;
        if (Decode(cost[1]) is not { Length: > 0 and <= MaximumSaltLength } salt || Decode(keys[0]) is not { Length: KeyLength } stored || Decode(keys[1]) is not { Length: KeyLength } server)
            return false;
        verifier = new ScramVerifier(iterations, salt, stored, server);
        return true;
    }

    /// <summary>Whether the password is the one. Takes the same time whether it is or not.</summary>
    public bool Verify(string password)
    {
        Span<byte> salted = stackalloc byte[KeyLength];
        SaltedPassword(password, _salt, Iterations, salted);
        var (storedKey, _) = Keys(salted);
        CryptographicOperations.ZeroMemory(salted);
        return CryptographicOperations.FixedTimeEquals(storedKey, _storedKey);
    }

    /// <summary>The text that is stored. <see cref="ToString"/> shows nothing of it.</summary>
    public string Format() => string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{Iterations}:{Convert.ToBase64String(_salt)}${Convert.ToBase64String(_storedKey)}:{Convert.ToBase64String(_serverKey)}");

    public override string ToString() => "SCRAM-SHA-256 verifier";

    internal static void SaltedPassword(string password, ReadOnlySpan<byte> salt, int iterations, Span<byte> result)
    {
        var prepared = Encoding.UTF8.GetBytes(SaslPrep.Prepare(password));
        Rfc2898DeriveBytes.Pbkdf2(prepared, salt, result, iterations, HashAlgorithmName.SHA256);
        CryptographicOperations.ZeroMemory(prepared);
    }

    /// <summary>RFC 5802 section 3: StoredKey := H(HMAC(SaltedPassword, "Client Key")), ServerKey := HMAC(SaltedPassword, "Server Key").</summary>
    static (byte[] StoredKey, byte[] ServerKey) Keys(ReadOnlySpan<byte> salted) =>
        (SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));

    static byte[]? Decode(string text)
    {
        if (!Base64.IsValid(text))
            return null;
        return Convert.FromBase64String(text);
    }
}
