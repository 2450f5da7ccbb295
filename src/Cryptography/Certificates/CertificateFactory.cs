using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>What the cert create-* commands have in common.</summary>
public sealed record CertificateCreation
{
    /// <summary>10 × 366 days.</summary>
    public static readonly TimeSpan DefaultCaLifetime = TimeSpan.FromDays(10 * 366);

    /// <summary>5 × 366 days.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(5 * 366);

    public required string CertsDirectory { get; init; }

    /// <summary>$NAME and ${NAME} stand for environment variables.</summary>
    public required string CaKey { get; init; }

    /// <summary>Null: 10 years for a CA, 5 for the rest.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Bits of the RSA key.</summary>
    public int KeySize { get; init; } = 2048;

    public bool Overwrite { get; init; }

    public bool AllowCaKeyReuse { get; init; }

    /// <summary>Also write client.user.key.pk8 (DER), for Java.</summary>
    public bool AlsoPkcs8 { get; init; }
}

/// <summary>
/// Makes certificates whose content, names and file modes are CockroachDB's (SECURITY-SPEC 1.2), so that the tools of both and openssl's can be mixed.
/// Files have their final mode from creation on; none is replaced unless asked.
/// </summary>
public sealed class CertificateFactory(TimeProvider clock)
{
    const string Organization = "Chitin";
    const X509KeyUsageFlags LeafUsage = X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DigitalSignature;
    const X509KeyUsageFlags CaUsage = LeafUsage | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyCertSign;
    const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public void CreateCa(CertificateCreation creation) => Wrapped("failed to generate CA cert and key", creation, () => MakeCa(creation, CertificateNames.Ca));

    public void CreateClientCa(CertificateCreation creation) => Wrapped("failed to generate client CA cert and key", creation, () => MakeCa(creation, CertificateNames.ClientCa));

    /// <param name="hosts">Host names (a wildcard too) and addresses, at least one.</param>
    public void CreateNode(CertificateCreation creation, IReadOnlyList<string> hosts, string principal = "node") => Wrapped("failed to generate node certificate and key", creation, () =>
    {
        if (hosts.Count == 0)
            throw new CertificateException("create-node requires at least one host name or address, none was specified");
        MakeLeaf(creation, CertificateNames.Ca, CertificateNames.Node, principal, [ServerAuth, ClientAuth], hosts);
    });

    public void CreateUi(CertificateCreation creation, IReadOnlyList<string> hosts) => Wrapped("failed to generate UI certificate and key", creation, () =>
    {
        if (hosts.Count == 0)
            throw new CertificateException("create-ui requires at least one host name or address, none was specified");
        var issuer = File.Exists(Path.Combine(creation.CertsDirectory, CertificateNames.UiCa)) ? CertificateNames.UiCa : CertificateNames.Ca;
        MakeLeaf(creation, issuer, CertificateNames.Ui, hosts[0], [ServerAuth], hosts);
    });

    /// <summary>Signed by ca-client.crt when there is one. The caller has checked that the name is one that SQL allows.</summary>
    public void CreateClient(CertificateCreation creation, string user) => Wrapped("failed to generate client certificate and key", creation, () =>
    {
        var name = user.ToLowerInvariant();
        if (name.Length == 0 || name.AsSpan().ContainsAny('/', '\0'))
            throw new CertificateException("username is invalid");
        var issuer = File.Exists(Path.Combine(creation.CertsDirectory, CertificateNames.ClientCa)) ? CertificateNames.ClientCa : CertificateNames.Ca;
        MakeLeaf(creation, issuer, CertificateNames.Client(name), name, [ClientAuth], []);
    });

    void MakeCa(CertificateCreation creation, string fileName)
    {
        UnixFiles.MakeDirectory(creation.CertsDirectory);
        var path = Path.Combine(creation.CertsDirectory, fileName);
        var keyPath = ExpandVariables(creation.CaKey);
        var isNew = !File.Exists(keyPath);
        if (!isNew && !creation.AllowCaKeyReuse)
            throw new CertificateException($"CA key {keyPath} exists, but key reuse is disabled") { Hint = "Use --allow-ca-key-reuse, or another file for a new key." };
        var older = ImmutableArray<X509Certificate2>.Empty;
        if (File.Exists(path))
            older = creation.Overwrite ? PemFiles.ReadCertificates(path) : throw FileExists(path);
        if (!isNew)
            PrivateKeyFile.CheckPermissions(keyPath);
        using var key = isNew ? NewKey(creation) : PrivateKeyFile.Read(keyPath);

        var request = NewRequest("Chitin CA", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 1, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(CaUsage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = clock.GetUtcNow();
        using var certificate = request.Create(
            request.SubjectName, PrivateKeyFile.SignatureGenerator(key), now - TimeSpan.FromHours(24), now + (creation.Lifetime ?? CertificateCreation.DefaultCaLifetime), NewSerial());
        if (isNew)
        {
            UnixFiles.MakeDirectory(Path.GetDirectoryName(Path.GetFullPath(keyPath))!);
            WriteKey(keyPath, key, overwrite: false);
        }

        Write(path, PemFiles.Encode(older.Prepend(certificate)), UnixFiles.PublicMode, creation.Overwrite);
    }

    void MakeLeaf(CertificateCreation creation, string issuerFile, string fileName, string commonName, string[] usages, IReadOnlyList<string> hosts)
    {
        var path = Path.Combine(creation.CertsDirectory, fileName);
        var keyPath = CertificateNames.KeyOf(path);
        if (!creation.Overwrite)
        {
            if (File.Exists(path))
                throw FileExists(path);
            if (File.Exists(keyPath))
                throw FileExists(keyPath);
        }

        var caKeyPath = ExpandVariables(creation.CaKey);
        PrivateKeyFile.CheckPermissions(caKeyPath);
        using var caKey = PrivateKeyFile.Read(caKeyPath);
        var caPath = Path.Combine(creation.CertsDirectory, issuerFile);
        using var ca = PemFiles.ReadCertificates(caPath)[0];
        if (!PrivateKeyFile.Matches(caKey, ca))
            throw new CertificateException($"CA key {caKeyPath} does not belong to the first certificate in {caPath}");

        using var key = NewKey(creation);
        var request = NewRequest(commonName, key);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(LeafUsage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(u => new Oid(u))], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, includeKeyIdentifier: ca.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any(), includeIssuerAndSerial: false));
        if (hosts.Count > 0)
            request.CertificateExtensions.Add(AlternativeNames(hosts));
        using var certificate = request.Create(
            ca.SubjectName, PrivateKeyFile.SignatureGenerator(caKey), NotBefore(ca), NotAfter(ca, creation.Lifetime ?? CertificateCreation.DefaultLifetime), NewSerial());

        Write(path, PemFiles.Encode([certificate]), UnixFiles.PublicMode, creation.Overwrite);
        WriteKey(keyPath, key, creation.Overwrite);
        if (creation.AlsoPkcs8)
            WriteSecret(keyPath + ".pk8", key.ExportPkcs8PrivateKey(), creation.Overwrite);
    }

    DateTimeOffset NotBefore(X509Certificate2 ca)
    {
        var wanted = clock.GetUtcNow() - TimeSpan.FromHours(24);
        return wanted < ca.NotBefore ? ca.NotBefore : wanted;
    }

    DateTimeOffset NotAfter(X509Certificate2 ca, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        var left = new DateTimeOffset(ca.NotAfter) - now;
        if (left < lifetime)
        {
            throw new CertificateException(FormattableString.Invariant(
                $"CA lifetime is {left.TotalHours:F6}h, shorter than the requested {lifetime.TotalHours:F6}h. Renew CA certificate, or rerun with --lifetime={(long)Math.Max(0, left.TotalHours)}h for a shorter duration."));
        }

        return now + lifetime;
    }

    static X509Extension AlternativeNames(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else if (host.Length is > 0 and <= 253 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '*'))
                names.AddDnsName(host);
            else
                throw new CertificateException($"\"{host}\" is neither an address nor a host name");
        }

        return names.Build(critical: false);
    }

    static CertificateRequest NewRequest(string commonName, AsymmetricAlgorithm key)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        name.AddOrganizationName(Organization);   // the builder encodes the last one first: O, then CN
        return key is RSA rsa
            ? new CertificateRequest(name.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name.Build(), (ECDsa)key, HashAlgorithmName.SHA256);
    }

    static RSA NewKey(CertificateCreation creation) => creation.KeySize is >= 2048 and <= 16384 && creation.KeySize % 8 == 0
        ? RSA.Create(creation.KeySize)
        : throw new CertificateException($"key size must be between 2048 and 16384 bits, got {creation.KeySize}");

    static byte[] NewSerial() => RandomNumberGenerator.GetBytes(16);

    static void WriteKey(string path, AsymmetricAlgorithm key, bool overwrite) => WriteSecret(path, PrivateKeyFile.Encode(key), overwrite);

    static void WriteSecret(string path, byte[] content, bool overwrite)
    {
        Write(path, content, UnixFiles.SecretMode, overwrite);
        CryptographicOperations.ZeroMemory(content);
    }

    static void Write(string path, byte[] content, UnixFileMode mode, bool overwrite)
    {
        try
        {
            UnixFiles.Write(path, content, mode, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            throw FileExists(path);
        }
    }

    static CertificateException FileExists(string path) => new($"{path}: file exists") { Hint = "Use --overwrite to replace it." };

    static void Wrapped(string failure, CertificateCreation creation, Action action)
    {
        if (string.IsNullOrWhiteSpace(creation.CertsDirectory))
            throw new CertificateException("the path to the certs directory is required");
        if (string.IsNullOrWhiteSpace(creation.CaKey))
            throw new CertificateException("the path to the CA key is required");
        if (creation.Lifetime is { } lifetime && (lifetime <= TimeSpan.Zero || lifetime > TimeSpan.FromDays(100 * 366)))
            throw new CertificateException("the lifetime must be positive and at most 100 years");
        try
        {
            action();
        }
        catch (CertificateException e)
        {
            throw new CertificateException($"{failure}: {e.Message}", e) { Hint = e.Hint };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CertificateException($"{failure}: {e.Message}", e);
        }
    }

    static string ExpandVariables(string path) =>
        System.Text.RegularExpressions.Regex.Replace(path, @"\$(?:\{(\w+)\}|(\w+))", m => Environment.GetEnvironmentVariable(m.Groups[1].Value + m.Groups[2].Value) ?? "");
}
