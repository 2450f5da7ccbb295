using System.Text;
using Chitin.Catalog;
using Chitin.Core;
using Chitin.Cryptography.Scram;
using Chitin.Protocol;
using Chitin.Protocol.Backend;
using Chitin.Protocol.Frontend;
using Chitin.Security.Credentials;

namespace Chitin.Server.PgWire;

/// <summary>
/// Password login by SCRAM-SHA-256 (RFC 5802, RFC 7677; PostgreSQL 15, "SASL Authentication"). A user who does not exist, has no password or gave a wrong one goes
/// through the same messages and gets the same answer, 28P01.
/// </summary>
internal sealed class ScramLogin(ScramMock mock, LoginThrottle throttle, TimeProvider clock) : IPasswordLogin
{
    public async ValueTask<string> AuthenticateAsync(LoginAttempt attempt, string user, RoleDescriptor? role, CancellationToken cancellationToken)
    {
        // Nobody is locked out, everybody who has failed often waits: also who knows the password now.
        var wait = throttle.Delay(attempt.Remote?.Address, user);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, clock, cancellationToken);
        var verifier = ScramVerifier.TryParse(role?.PasswordVerifier, out var stored) ? stored : null;
        var exchange = new ScramServer(user, verifier, mock, attempt.EndPoint);
        attempt.Sink.Writer.Write(new AuthenticationSasl(exchange.Mechanisms));
        await attempt.Sink.FlushAsync(cancellationToken);

        var first = Begin(exchange, await ReceiveAsync(attempt, cancellationToken), out var mechanism);
        attempt.Sink.Writer.Write(new AuthenticationSaslContinue(Encoding.UTF8.GetBytes(first)));
        await attempt.Sink.FlushAsync(cancellationToken);

        var proven = exchange.Finish((await ReceiveAsync(attempt, cancellationToken)).Span, out var final);
        attempt.Input.Wipe();
        if (!proven)
        {
            throttle.Failed(attempt.Remote?.Address, user);
            throw LoginErrors.WrongPassword(user);
        }

        throttle.Succeeded(attempt.Remote?.Address, user);
        if (role!.ValidUntil is { } end && end <= clock.GetUtcNow())
            throw LoginErrors.PasswordExpired();
        attempt.Sink.Writer.Write(new AuthenticationSaslFinal(Encoding.UTF8.GetBytes(final)));
        return mechanism == ScramServer.MechanismPlus ? "scram-sha-256-plus" : "scram-sha-256";
    }

    private static string Begin(ScramServer exchange, ReadOnlyMemory<byte> body, out string mechanism)
    {
        var response = SaslInitialResponse.Read(body.Span);
        mechanism = response.Mechanism;
        return exchange.Begin(mechanism, response.Data);
    }

    /// <summary>The next message's body; it must be one of the password family.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(LoginAttempt attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (attempt.Input.TryTakeBeforeLogin(out var code, out var body))
                return code == FrontendCode.Password ? body : throw ProtocolErrors.Fatal($"expected SASL response, got message type {(int)code}");
            if (!await attempt.Input.ReadAsync(cancellationToken))
                throw new IOException("the client left during its login");
        }
    }
}
