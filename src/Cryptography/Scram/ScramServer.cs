using System.Security.Cryptography;
using System.Text;
using Chitin.Core;

namespace Chitin.Cryptography.Scram;

/// <summary>
/// The server's half of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677). Call <see cref="Begin"/> with client-first, then <see cref="Finish"/> with
/// client-final; each once. Malformed messages are 08P01 and wrong bindings 28000, worded as PostgreSQL does; a wrong proof is the caller's to report.
/// </summary>
public sealed class ScramServer
{
    public const string Mechanism = "SCRAM-SHA-256";
    public const string MechanismPlus = "SCRAM-SHA-256-PLUS";
    const string BindingType = "tls-server-end-point";
    const int MaximumMessage = 4096;

    readonly ScramVerifier _verifier;
    readonly bool _isMock;
    readonly byte[]? _endPoint;
    readonly string _serverNonce;
    string _clientFirstBare = "";
    string _serverFirst = "";
    string _gs2Header = "";
    string _nonce = "";
    bool _binds;
    int _step;

    /// <param name="verifier">Null for a user who has none or does not exist.</param>
    /// <param name="endPoint">The server certificate's hash (ServerEndPointBinding); null without TLS.</param>
    public ScramServer(string user, ScramVerifier? verifier, ScramMock mock, byte[]? endPoint)
        : this(user, verifier, mock, endPoint, Convert.ToBase64String(RandomNumberGenerator.GetBytes(18)))
    {
    }

    internal ScramServer(string user, ScramVerifier? verifier, ScramMock mock, byte[]? endPoint, string serverNonce)
    {
        _verifier = verifier ?? mock.For(user);
        _isMock = verifier is null;
        _endPoint = endPoint;
        _serverNonce = serverNonce;
    }

    /// <summary>What AuthenticationSASL offers, best first.</summary>
    public ImmutableArray<string> Mechanisms => _endPoint is null ? [Mechanism] : [MechanismPlus, Mechanism];

    /// <summary>Takes client-first-message, gives server-first-message.</summary>
    public string Begin(string mechanism, ReadOnlySpan<byte> clientFirst)
    {
        Invariant.Holds(_step++ == 0, "a SCRAM exchange begins once");
        if (!Mechanisms.Contains(mechanism))
            throw ProtocolViolation("client selected an invalid SASL authentication mechanism");
        var message = Decode(clientFirst);
        var bare = ReadGs2Header(message, mechanism == MechanismPlus);
        var attributes = new Attributes(_clientFirstBare = message[bare..]);
        if (attributes.PeekName == 'm')
            throw new SqlException(SqlState.FeatureNotSupported, "client requires an unsupported SCRAM extension");
        attributes.Take('n');   // the name in the startup message counts
        var clientNonce = attributes.Take('r');
        if (clientNonce.Length == 0 || !clientNonce.All(c => c is >= '!' and <= '~' and not ','))
            throw Malformed("Non-printable characters in SCRAM nonce.");
        attributes.SkipOptional();
        _nonce = clientNonce + _serverNonce;
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_verifier.Salt)},i={_verifier.Iterations}";
        return _serverFirst;
    }

    /// <summary>Takes client-final-message. True when the client has proved that it knows the password: then send <paramref name="serverFinal"/>.</summary>
    public bool Finish(ReadOnlySpan<byte> clientFinal, out string serverFinal)
    {
        Invariant.Holds(_step++ == 1, "a SCRAM exchange is finished once, after its beginning");
        var message = Decode(clientFinal);
        var attributes = new Attributes(message);
        CheckBinding(attributes.Take('c'));
        if (attributes.Take('r') != _nonce)
            throw new SqlException(SqlState.ProtocolViolation, "invalid SCRAM response") { Detail = "Nonce does not match." };
        var withoutProof = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (withoutProof < 0)
            throw Malformed("Expected attribute \"p\".");
        var proof = FromBase64(message[(withoutProof + 3)..]);
        if (proof is not { Length: ScramVerifier.KeyLength })
            throw Malformed("Malformed proof in client-final-message.");

        var authMessage = Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{message[..withoutProof]}");
        Span<byte> clientKey = stackalloc byte[ScramVerifier.KeyLength];
        HMACSHA256.HashData(_verifier.StoredKey, authMessage, clientKey);
        for (var i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        Span<byte> storedKey = stackalloc byte[ScramVerifier.KeyLength];
        SHA256.HashData(clientKey, storedKey);
        CryptographicOperations.ZeroMemory(clientKey);
        serverFinal = "v=" + Convert.ToBase64String(HMACSHA256.HashData(_verifier.ServerKey, authMessage));
        return CryptographicOperations.FixedTimeEquals(storedKey, _verifier.StoredKey) & !_isMock;
    }

    /// <summary>gs2-header: n,, or y,, or p=type,, with an authorization identity between the commas, which we refuse.</summary>
    int ReadGs2Header(string message, bool plus)
    {
        var first = message.IndexOf(',', StringComparison.Ordinal);
        var second = first < 0 ? -1 : message.IndexOf(',', first + 1);
        if (second < 0)
            throw Malformed("Comma expected, but found end of message.");
        var flag = message[..first];
        if (second != first + 1)
        {
            throw message[first + 1] == 'a'
                ? new SqlException(SqlState.FeatureNotSupported, "client uses authorization identity, but it is not supported")
                : Malformed("Unexpected attribute in client-first-message.");
        }

        switch (flag)
        {
            case "n" or "y" when plus:
                throw Malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.");
            case "n":
                break;
            case "y" when _endPoint is not null:
                throw new SqlException(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding negotiation error")
                {
                    Detail = "The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.",
                };
            case "y":
                break;
            case ['p', '=', ..] when !plus:
                throw Malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.");
            case ['p', '=', .. var type]:
                if (type != BindingType)
                    throw new SqlException(SqlState.ProtocolViolation, $"unsupported SCRAM channel-binding type \"{type}\"");
                _binds = true;
                break;
            default:
                throw Malformed("Unexpected channel-binding flag.");
        }

        _gs2Header = message[..(second + 1)];
        return second + 1;
    }

    void CheckBinding(string attribute)
    {
        var header = Encoding.UTF8.GetBytes(_gs2Header);
        byte[] expected = _binds ? [.. header, .. _endPoint!] : header;
        if (FromBase64(attribute) is { } given && CryptographicOperations.FixedTimeEquals(given, expected))
            return;
        throw _binds
            ? new SqlException(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding check failed")
            : new SqlException(SqlState.ProtocolViolation, "unexpected SCRAM channel-binding attribute in client-final-message");
    }

    static string Decode(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            throw Malformed("The message is empty.");
        if (message.Length > MaximumMessage)
            throw Malformed("The message is too long.");
        if (message.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(message))
            throw Malformed("The message is not valid UTF-8.");
        return Encoding.UTF8.GetString(message);
    }

    static byte[]? FromBase64(string text) => System.Buffers.Text.Base64.IsValid(text) ? Convert.FromBase64String(text) : null;

    static SqlException Malformed(string detail) => new(SqlState.ProtocolViolation, "malformed SCRAM message") { Detail = detail };

    static SqlException ProtocolViolation(string message) => new(SqlState.ProtocolViolation, message);

    /// <summary>Reads a=value,b=value … in their fixed order.</summary>
    struct Attributes(string message)
    {
        int _at;

        public readonly char PeekName => _at < message.Length ? message[_at] : '\0';

        public string Take(char name)
        {
            if (_at >= message.Length || message[_at] != name || _at + 1 >= message.Length || message[_at + 1] != '=')
                throw Malformed($"Expected attribute \"{name}\".");
            var comma = message.IndexOf(',', _at);
            var end = comma < 0 ? message.Length : comma;
            var value = message[(_at + 2)..end];
            _at = comma < 0 ? end : comma + 1;
            return value;
        }

        /// <summary>Extensions that may be ignored: each a letter, an equals sign and a value.</summary>
        public void SkipOptional()
        {
            while (_at < message.Length)
            {
                if (!char.IsAsciiLetter(message[_at]))
                    throw Malformed("Attribute expected.");
                Take(message[_at]);
            }
        }
    }
}
