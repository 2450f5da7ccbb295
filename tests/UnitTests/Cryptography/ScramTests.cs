using System.Text;
using Chitin.Core;
using Chitin.Cryptography.Scram;

namespace Chitin.UnitTests.Cryptography;

public sealed class ScramTests
{
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private static readonly ScramMock s_mock = new(new byte[32]);

    private static ScramVerifier Pencil => ScramVerifier.Create("pencil", 4096, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void The_exchange_of_RFC_7677_succeeds()
    {
        var server = new ScramServer("user", Pencil, s_mock, null, ServerNonce);
        Assert.Equal("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", server.Begin(ScramServer.Mechanism, Bytes(ClientFirst)));
        Assert.True(server.Finish(Bytes("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), out var final));
        Assert.Equal("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", final);
    }

    [Theory]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    public void A_wrong_proof_is_refused(string clientFinal)
    {
        var server = new ScramServer("user", Pencil, s_mock, null, ServerNonce);
        server.Begin(ScramServer.Mechanism, Bytes(ClientFirst));
        Assert.False(server.Finish(Bytes(clientFinal), out _));
    }

    [Fact]
    public void A_user_without_verifier_is_refused_with_a_salt_that_stays_the_same()
    {
        var first = new ScramServer("nobody", null, s_mock, null, ServerNonce).Begin(ScramServer.Mechanism, Bytes(ClientFirst));
        var second = new ScramServer("nobody", null, s_mock, null, ServerNonce);
        Assert.Equal(first, second.Begin(ScramServer.Mechanism, Bytes(ClientFirst)));
        Assert.False(second.Finish(Bytes("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), out _));
    }

    [Theory]
    [InlineData("SCRAM-SHA-1", ClientFirst, "08P01")]
    [InlineData(ScramServer.Mechanism, "", "08P01")]
    [InlineData(ScramServer.Mechanism, "n,a=root,n=user,r=abc", "0A000")]
    [InlineData(ScramServer.Mechanism, "n,,m=x,n=user,r=abc", "0A000")]
    [InlineData(ScramServer.Mechanism, "p=tls-server-end-point,,n=user,r=abc", "08P01")]
    [InlineData(ScramServer.Mechanism, "n,,n=user", "08P01")]
    public void Broken_first_messages_are_refused(string mechanism, string message, string state)
    {
        var server = new ScramServer("user", Pencil, s_mock, null, ServerNonce);
        Assert.Equal(state, Assert.Throws<SqlException>(() => server.Begin(mechanism, Bytes(message))).State.Code);
    }

    [Fact]
    public void A_downgrade_of_channel_binding_is_noticed()
    {
        var server = new ScramServer("user", Pencil, s_mock, new byte[32], ServerNonce);
        Assert.Equal("28000", Assert.Throws<SqlException>(() => server.Begin(ScramServer.Mechanism, Bytes("y,,n=user,r=abc"))).State.Code);
    }

    [Fact]
    public void Verifiers_round_trip_as_text_and_show_nothing_by_themselves()
    {
        var text = Pencil.Format();
        Assert.True(ScramVerifier.TryParse(text, out var parsed));
        Assert.Equal(text, parsed!.Format());
        Assert.True(parsed.Verify("pencil"));
        Assert.False(parsed.Verify("Pencil"));
        Assert.DoesNotContain(Convert.ToBase64String(parsed.Salt), parsed.ToString(), StringComparison.Ordinal);
    }
}
