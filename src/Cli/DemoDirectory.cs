namespace Chitin.Cli;

/// <summary>Where the demo keeps what it makes.</summary>
internal static class DemoDirectory
{
    public const string DefaultPath = "chitin-data";

    public static string CertsOf(string path) => Path.Combine(path, "certs");

    public static string PidFileOf(string path) => Path.Combine(path, "chitin.pid");

    public static string StoreOf(string path) => Path.Combine(path, "store");

    public static string LogsOf(string path) => Path.Combine(path, "logs");

    public static string StoreKeyOf(string path) => Path.Combine(path, "keys", "store.key");

    public static string CaKeyOf(string path) => Path.Combine(path, "keys", "ca.key");

    /// <summary>The password of the demo's user, mode 0600.</summary>
    public static string PasswordFileOf(string path) => Path.Combine(path, "keys", "teller.password");

    /// <summary>Stands once the sample is begun; without it the store holds nothing of it yet.</summary>
    public static string BeganOf(string path) => Path.Combine(path, "demo.began");

    /// <summary>Stands once the sample is complete.</summary>
    public static string MarkerOf(string path) => Path.Combine(path, "demo.ready");
}
