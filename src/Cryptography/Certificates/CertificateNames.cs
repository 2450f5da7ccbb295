namespace Chitin.Cryptography.Certificates;

/// <summary>The file names of a certs directory (SECURITY-SPEC 1.3).</summary>
public static class CertificateNames
{
    public const string Ca = "ca.crt";
    public const string ClientCa = "ca-client.crt";
    public const string UiCa = "ca-ui.crt";
    public const string Node = "node.crt";
    public const string Ui = "ui.crt";

    public static string Client(string user) => $"client.{user}.crt";

    /// <summary>The key stands beside its certificate under the same name.</summary>
    public static string KeyOf(string certificatePath) => Path.ChangeExtension(certificatePath, ".key");

    /// <summary>What a file is by its name: the part before the first dot decides; null with a reason when it is none of ours.</summary>
    internal static (CertificateUsage Usage, string Name)? Classify(string fileName, out string? problem)
    {
        var parts = fileName.Split('.');
        problem = null;
        (CertificateUsage, string)? fixedName = parts[0] switch
        {
            "ca" => (CertificateUsage.Ca, ""),
            "ca-client" => (CertificateUsage.ClientCa, ""),
            "ca-ui" => (CertificateUsage.UiCa, ""),
            "node" => (CertificateUsage.Node, ""),
            "ui" => (CertificateUsage.Ui, ""),
            _ => null,
        };
        if (fixedName is not null && parts.Length == 2)
            return fixedName;
        var user = string.Join('.', parts[1..^1]);
        if (parts[0] == "client" && user.Length > 0)
            return (CertificateUsage.Client, user);
        problem = fixedName is not null ? $"filename should match {parts[0]}.crt" : parts[0] == "client" ? "filename should match client.<user>.crt" : $"unknown prefix \"{parts[0]}\"";
        return null;
    }
}
