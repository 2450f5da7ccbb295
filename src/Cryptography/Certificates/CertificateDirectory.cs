using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chitin.Cryptography.Certificates;

/// <summary>
/// A certs directory as a running server sees it (rules: SECURITY-SPEC 1.3). <see cref="Reload"/> may be called from any thread; readers take
/// <see cref="Current"/> once per connection.
/// </summary>
public sealed class CertificateDirectory
{
    readonly string _path;
    readonly IReadOnlyDictionary<string, string>? _principalMap;
    CertificateSet _current;

    CertificateDirectory(string path, IReadOnlyDictionary<string, string>? principalMap)
    {
        _path = path;
        _principalMap = principalMap;
        _current = Read(path, principalMap);
    }

    public CertificateSet Current => Volatile.Read(ref _current);

    /// <summary>Reads what a server needs, or throws a CertificateException that says which file is wrong.</summary>
    public static CertificateDirectory OpenForServer(string path, IReadOnlyDictionary<string, string>? principalMap = null)
    {
        var directory = new CertificateDirectory(path, principalMap);
        directory.Current.RequireServer();
        return directory;
    }

    /// <summary>Takes what is in the directory now. When that would not do for a server, throws and keeps the old set.</summary>
    public CertificateSet Reload()
    {
        var fresh = Read(_path, _principalMap);
        fresh.RequireServer();
        Volatile.Write(ref _current, fresh);
        return fresh;
    }

    /// <summary>Reads all entries; faults of single files stay in their entries.</summary>
    public static CertificateSet Read(string path, IReadOnlyDictionary<string, string>? principalMap = null)
    {
        var entries = new List<CertificateEntry>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(path, "*.crt").Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            files = [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"cannot read the certs directory {path}: {e.Message}", e);
        }

        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            if (CertificateNames.Classify(name, out var problem) is { } kind)
                entries.Add(ReadEntry(file, name, kind.Usage, kind.Name, principalMap));
            else
                warnings.Add($"bad filename {name}: {problem}");
        }

        return new CertificateSet(path, [.. entries.OrderBy(e => e.Usage).ThenBy(e => e.FileName, StringComparer.Ordinal)], warnings.ToImmutable());
    }

    static CertificateEntry ReadEntry(string file, string fileName, CertificateUsage usage, string user, IReadOnlyDictionary<string, string>? principalMap)
    {
        var isCa = usage is CertificateUsage.Ca or CertificateUsage.ClientCa or CertificateUsage.UiCa;
        var entry = new CertificateEntry { Usage = usage, FileName = fileName, KeyFileName = isCa ? null : CertificateNames.KeyOf(fileName), Name = user };
        try
        {
            var certificates = PemFiles.ReadCertificates(file);
            entry = entry with { Certificates = certificates };
            if (isCa)
                return entry;
            if (!File.Exists(CertificateNames.KeyOf(file)))
                return entry with { Error = $"key file {CertificateNames.KeyOf(fileName)}: not found" };
            PrivateKeyFile.CheckPermissions(CertificateNames.KeyOf(file));
            using var key = PrivateKeyFile.Read(CertificateNames.KeyOf(file));
            if (!PrivateKeyFile.Matches(key, certificates[0]))
                return entry with { Error = $"key file {CertificateNames.KeyOf(fileName)} does not belong to {fileName}" };
            entry = entry with { Certificates = certificates.SetItem(0, PrivateKeyFile.Attach(certificates[0], key)) };
            return entry with { Error = PrincipalFault(entry, principalMap) };
        }
        catch (CertificateException e)
        {
            return entry with { Error = e.Message };
        }
        catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException or IOException)
        {
            return entry with { Error = $"{fileName}: {e.Message}" };
        }
    }

    static string? PrincipalFault(CertificateEntry entry, IReadOnlyDictionary<string, string>? map)
    {
        var (expected, what) = entry.Usage switch
        {
            CertificateUsage.Node => ("node", "client/server node certificate"),
            CertificateUsage.Client => (entry.Name, "client certificate"),
            _ => (null, ""),
        };
        if (expected is null)
            return null;
        var principals = CertificatePrincipals.Of(entry.Certificates[0], map);
        return principals.Contains(expected) ? null : $"{what} has principals [{string.Join(' ', principals.Select(p => $"\"{p}\""))}], expected \"{expected}\"";
    }
}
