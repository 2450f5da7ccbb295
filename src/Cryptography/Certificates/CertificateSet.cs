using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

public enum CertificateUsage : byte { Ca, ClientCa, UiCa, Node, Ui, Client }

/// <summary>One certificate file and its key. A fault is kept here and counts only when the entry is needed.</summary>
public sealed record CertificateEntry
{
    public required CertificateUsage Usage { get; init; }

    /// <summary>Name in the certs directory.</summary>
    public required string FileName { get; init; }

    /// <summary>Null for a CA, whose key is never read.</summary>
    public string? KeyFileName { get; init; }

    /// <summary>The user of a client certificate.</summary>
    public string Name { get; init; } = "";

    /// <summary>Leaf first, then intermediates; of a CA file all anchors, the newest first. Only the leaf has a private key.</summary>
    public ImmutableArray<X509Certificate2> Certificates { get; init; } = [];

    public string? Error { get; init; }

    public DateTimeOffset? Expires => Certificates.IsEmpty ? null : new DateTimeOffset(Certificates[0].NotAfter);

    /// <summary>The columns Usage and Notes of cert list.</summary>
    public string UsageText => Usage switch
    {
        CertificateUsage.Ca => "Certificate Authority",
        CertificateUsage.ClientCa => "Client Certificate Authority",
        CertificateUsage.UiCa => "UI Certificate Authority",
        CertificateUsage.Node => "Node",
        CertificateUsage.Ui => "UI",
        _ => "Client",
    };

    public string Notes => Usage switch
    {
        _ when Certificates.IsEmpty => "",
        CertificateUsage.Ca or CertificateUsage.ClientCa or CertificateUsage.UiCa => $"num certs: {Certificates.Length}",
        CertificateUsage.Client => $"user: {Name}",
        _ => "addresses: " + string.Join(',', CertificatePrincipals.Addresses(Certificates[0])),
    };
}

/// <summary>One reading of a certs directory; immutable.</summary>
/// <param name="Warnings">Files that are none of ours.</param>
public sealed record CertificateSet(string Directory, ImmutableArray<CertificateEntry> Entries, ImmutableArray<string> Warnings)
{
    public CertificateEntry? Ca => Find(CertificateUsage.Ca);

    /// <summary>What verifies clients: ca-client.crt, else ca.crt.</summary>
    public CertificateEntry? ClientCa => Find(CertificateUsage.ClientCa) ?? Ca;

    public CertificateEntry? Node => Find(CertificateUsage.Node);

    /// <summary>What HTTPS shows: ui.crt, else node.crt.</summary>
    public CertificateEntry? Ui => Find(CertificateUsage.Ui) ?? Node;

    public CertificateEntry? Client(string user) => Entries.FirstOrDefault(e => e.Usage == CertificateUsage.Client && e.Name == user);

    /// <summary>Throws the first fault that keeps a server from running with this set.</summary>
    public void RequireServer()
    {
        Require(Ca, "CA certificate");
        Require(ClientCa, "client CA certificate");
        Require(Node, "node certificate");
        Require(Ui, "UI certificate");
    }

    CertificateEntry? Find(CertificateUsage usage) => Entries.FirstOrDefault(e => e.Usage == usage);

    void Require(CertificateEntry? entry, string what)
    {
        if (entry?.Error is null && entry is not null)
            return;
        throw new CertificateException($"cannot load certificates from {Directory}: problem with {what}: {entry?.Error ?? "not found"}")
        {
            Hint = "Check your certificate settings, set --certs-dir, or use --insecure for insecure clusters.",
        };
    }
}
