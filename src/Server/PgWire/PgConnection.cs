using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Chitin.Core;
using Chitin.Protocol;
using Chitin.Protocol.Backend;
using Chitin.Protocol.Frontend;
using Chitin.Sessions;
using Microsoft.AspNetCore.Connections;

namespace Chitin.Server.PgWire;

/// <summary>One socket on the SQL port: encryption, startup packet, login, then the message loop until its end.</summary>
internal sealed class PgConnection : IAsyncDisposable
{
    private const byte TlsHandshakeRecord = 0x16;

    private readonly PgServices _services;
    private readonly ConnectionContext _connection;
    private readonly TransportStream _transport;
    private readonly WireInput _input;
    private readonly WireSink _sink;
    private readonly IPEndPoint? _remote;
    private SslStream? _tls;
    private TlsSettings? _tlsSettings;
    private bool _hasSignedIn;

    private PgConnection(PgServices services, ConnectionContext connection)
    {
        _services = services;
        _connection = connection;
        _transport = new TransportStream(connection.Transport);
        _input = new WireInput(_transport, services.Limits);
        _sink = new WireSink(_transport, _input);
        _remote = connection.RemoteEndPoint as IPEndPoint;
    }

    public string Address => _remote is null ? "local" : (_remote.Address.IsIPv4MappedToIPv6 ? _remote.Address.MapToIPv4() : _remote.Address).ToString();

    /// <summary>The connection delegate of the SQL port.</summary>
    public static async Task ServeAsync(PgServices services, ConnectionContext context)
    {
        services.Metrics.OnAccepted();
        var address = (context.RemoteEndPoint as IPEndPoint)?.Address;
        if (!services.Sockets.TryEnter(address))
        {
            services.Metrics.OnFailed();
            context.Abort();
            return;
        }

        var connection = new PgConnection(services, context);
        try
        {
            await using (connection)
                await connection.RunAsync();
        }
        finally
        {
            services.Sockets.Leave(address, connection._hasSignedIn);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Its last words would wait behind the others.
        if (_sink.IsStuck)
            _connection.Abort();
        if (_tls is { } tls)
        {
            try
            {
                if (!_sink.IsStuck && tls.IsAuthenticated)
                    await tls.ShutdownAsync();
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException or AuthenticationException)
            {
                // The client has left without a word.
            }

            await tls.DisposeAsync();
        }

        _sink.Dispose();
        _input.Dispose();
    }

    private async Task RunAsync()
    {
        Session? session = null;
        try
        {
            using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(_connection.ConnectionClosed))
            {
                deadline.CancelAfter(_services.AuthenticationTimeout);
                session = await OpenAsync(deadline.Token);
            }

            if (session is null)
                return;
            _services.Metrics.OnAuthenticated();
            _services.Sockets.SignedIn(_remote?.Address);
            _hasSignedIn = true;
            await ServeSessionAsync(session);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
        {
            // The client is gone, or did not finish its login in time.
        }
        catch (Exception e)
        {
            _services.Logger.ConnectionFailed(Guid.NewGuid(), Address, e);
        }
        finally
        {
            await WorkerThread.SwitchAsync();
            if (session is not null)
                await session.DisposeAsync();
            else
                _services.Metrics.OnFailed();
        }
    }

    private async Task ServeSessionAsync(Session session)
    {
        using var gone = _connection.ConnectionClosed.UnsafeRegister(static s => ((Session)s!).Terminate(), session);
        using var loop = new MessageLoop(session, _input, _sink);
        loop.Ready();
        await loop.RunAsync(_connection.ConnectionClosed);
    }

    /// <summary>Everything up to ReadyForQuery; null when the connection is over.</summary>
    private async ValueTask<Session?> OpenAsync(CancellationToken deadline)
    {
        var user = "";
        try
        {
            var packet = await NegotiateAsync(deadline);
            if (packet is null)
                return null;
            user = packet.Parameters.GetValueOrDefault("user", "");
            if (packet.MinorVersion > 0 || packet.Extensions.Count > 0)
                _sink.Writer.Write(new NegotiateProtocolVersion(ProtocolNumbers.Version3, packet.Extensions));
            return await LogInAsync(packet, deadline);
        }
        catch (SqlException e)
        {
            _services.Logger.LoginRefused(user, Address, e.State.Code, e.Message);
            _sink.Error(e.IsFatal ? e : LoginErrors.Fatal(e.State, e.Message));
            await _sink.FlushAsync(deadline);
            return null;
        }
    }

    private async ValueTask<Session> LogInAsync(StartupPacket packet, CancellationToken deadline)
    {
        if (_services.IsDraining)
            throw LoginErrors.Draining();
        var attempt = new LoginAttempt(packet, _input, _sink, _remote, Address, _tls, _tlsSettings?.EndPoint);
        var identity = await _services.Login.AuthenticateAsync(attempt, deadline);
        CheckLimits(identity);
        var session = Session.Open(_services.Sessions, identity, _sink);
        _sink.Writer.Write(default(AuthenticationOk));
        session.ReportSettings();
        _sink.Writer.Write(new BackendKeyData(session.BackendPid, session.CancelSecret));
        _services.Sessions.Logins.Note(identity.Role.Id, session.StartedAt);
        _services.Logger.LoggedIn(identity.Role.Name, Address, identity.Database.Name, identity.AuthenticationMethod, session.BackendPid);
        return session;
    }

    private void CheckLimits(SessionIdentity identity)
    {
        var sessions = _services.Sessions;
        var isAdmin = sessions.Gate.IsAdmin(identity.Role.Id, sessions.Catalog.Current);
        if (sessions.Registry.Count >= _services.Options.MaxConnections + (isAdmin ? PgServices.ReservedForAdmins : 0))
            throw LoginErrors.TooManyClients();
        if (identity.Role.ConnectionLimit >= 0 && !isAdmin && sessions.Registry.CountOf(identity.Role.Id) >= identity.Role.ConnectionLimit)
            throw LoginErrors.TooManyForRole(identity.Role.Name);
    }

    /// <summary>Encryption and the startup packet; null when the connection was a cancel request or ended.</summary>
    private async ValueTask<StartupPacket?> NegotiateAsync(CancellationToken deadline)
    {
        if (await PeekAsync(deadline) is not { } first)
            return null;
        if (first == TlsHandshakeRecord)
        {
            if (_services.Certificates is null || !await StartTlsAsync(direct: true, deadline))
                return null;
        }

        var gssRefused = false;
        while (true)
        {
            if (await ReadStartupAsync(deadline) is not { } packet)
                return null;
            switch (packet.Kind)
            {
                case StartupKind.SslRequest when _tls is not null:
                    throw LoginErrors.SecondRequest();
                case StartupKind.SslRequest when _services.Certificates is null:
                    await AnswerAsync((byte)'N', deadline);
                    break;
                case StartupKind.SslRequest:
                    if (_input.BufferedBytes != 0)
                        throw LoginErrors.DataBeforeHandshake();
                    await AnswerAsync((byte)'S', deadline);
                    if (!await StartTlsAsync(direct: false, deadline))
                        return null;
                    break;
                case StartupKind.GssEncryptionRequest when gssRefused || _tls is not null:
                    throw LoginErrors.SecondRequest();
                case StartupKind.GssEncryptionRequest:
                    gssRefused = true;
                    await AnswerAsync((byte)'N', deadline);
                    break;
                case StartupKind.CancelRequest:
                    await _services.Cancels.CancelAsync(packet.CancelProcessId, packet.CancelSecret, Address, deadline);
                    return null;
                default:
                    if (_tls is null && _services.Certificates is not null && !_services.Options.AcceptSqlWithoutTls)
                        throw LoginErrors.TlsRequired();
                    return packet;
            }
        }
    }

    /// <summary>The first byte, left where it is: a TLS record or the length of a startup packet.</summary>
    private async ValueTask<byte?> PeekAsync(CancellationToken deadline)
    {
        var result = await _connection.Transport.Input.ReadAsync(deadline);
        byte? first = result.Buffer.IsEmpty ? null : result.Buffer.FirstSpan[0];
        _connection.Transport.Input.AdvanceTo(result.Buffer.Start);
        return first;
    }

    private async ValueTask<StartupPacket?> ReadStartupAsync(CancellationToken deadline)
    {
        ReadOnlyMemory<byte> body;
        while (!_input.TryTakeStartup(out body))
        {
            if (!await _input.ReadAsync(deadline))
                return null;
        }

        return StartupPacket.Read(body.Span);
    }

    private ValueTask AnswerAsync(byte answer, CancellationToken deadline)
    {
        _sink.Writer.WriteByte(answer);
        return _sink.FlushAsync(deadline);
    }

    private async ValueTask<bool> StartTlsAsync(bool direct, CancellationToken deadline)
    {
        var settings = _services.Certificates!.Current;
        var tls = new SslStream(_transport, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsServerAsync(direct ? settings.DirectSql : settings.Sql, deadline);
            if (direct && tls.NegotiatedApplicationProtocol.ToString() != "postgresql")
                throw new AuthenticationException("direct TLS connection without ALPN \"postgresql\"");
        }
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            _services.Logger.HandshakeFailed(Address, e.InnerException?.Message ?? e.Message);
            await tls.DisposeAsync();
            return false;
        }

        (_tls, _tlsSettings) = (tls, settings);
        _input.Stream = tls;
        _sink.Stream = tls;
        return true;
    }
}
