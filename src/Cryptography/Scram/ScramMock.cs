using System.Security.Cryptography;
using System.Text;

namespace Chitin.Cryptography.Scram;

/// <summary>
/// Makes the answers for users that do not exist (RFC 5802 section 9 and PostgreSQL's mock authentication): the same name gets the same salt
/// for as long as the server's secret lives, so that asking twice tells nothing.
/// </summary>
public sealed class ScramMock
{
    readonly byte[] _secret;

    /// <param name="secret">At least 16 random bytes that stay the same over restarts and never leave the server.</param>
    public ScramMock(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 16);
        _secret = secret.ToArray();
    }

    public ScramVerifier For(string user, int iterations = ScramVerifier.DefaultIterations) =>
        ScramVerifier.Mock(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes("chitin scram mock salt\0" + user)).AsSpan(0, 16).ToArray(), iterations);
}
