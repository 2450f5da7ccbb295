using System.Globalization;
using System.Text.Json;

namespace Chitin.Server.Configuration;

/// <summary>
/// Makes <see cref="ServerOptions"/> from texts. A flag beats an environment variable (CHITIN_LISTEN_ADDR for --listen-addr),
/// which beats the settings file (a JSON object with the flags' names), which beats the default.
/// </summary>
public static class ServerOptionsReader
{
    /// <summary>The settings, by the name of their flag.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        "certs-dir", "store", "encryption", "listen-addr", "http-addr", "cache", "max-sql-memory", "max-connections", "pid-file", "insecure",
        "log-dir", "sql-audit-dir", "cert-principal-map", "accept-sql-without-tls", "drain-timeout",
    ];

    public static string VariableOf(string flag) => "CHITIN_" + flag.Replace('-', '_').ToUpperInvariant();

    /// <param name="flags">What the command line gave, by flag name; null values count as absent.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="settingsFile">Text of the settings file, or null.</param>
    /// <param name="problems">Receives every fault, <see cref="ServerOptions.Problems"/> included.</param>
    public static ServerOptions Read(IReadOnlyDictionary<string, string?> flags, Func<string, string?> variable, string? settingsFile, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(flags);
        ArgumentNullException.ThrowIfNull(variable);
        ArgumentNullException.ThrowIfNull(problems);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (settingsFile is not null)
            ReadSettings(settingsFile, values, problems);
        foreach (var name in Names)
        {
            if (variable(VariableOf(name)) is { Length: > 0 } fromEnvironment)
                values[name] = fromEnvironment;
            if (flags.TryGetValue(name, out var fromFlag) && fromFlag is not null)
                values[name] = fromFlag;
        }

        var options = Convert(values, problems);
        foreach (var problem in options.Problems())
            problems.Add(problem);
        return options;
    }

    static ServerOptions Convert(Dictionary<string, string> values, ICollection<string> problems)
    {
        var insecure = Flag(values, "insecure", problems);
        var store = StoreDirectory(values, problems);
        var host = insecure ? "127.0.0.1" : "";
        var logs = values.GetValueOrDefault("log-dir");
        var options = new ServerOptions
        {
            Insecure = insecure,
            StoreDirectory = store,
            CertsDirectory = values.GetValueOrDefault("certs-dir", ServerOptions.DefaultCertsDirectory),
            ListenAddress = Address(values, "listen-addr", new ListenAddress(host, ServerOptions.DefaultSqlPort), problems),
            HttpAddress = Address(values, "http-addr", new ListenAddress(host, ServerOptions.DefaultHttpPort), problems),
            CacheBytes = Size(values, "cache", 128L << 20, problems),
            SqlMemoryBytes = Size(values, "max-sql-memory", 512L << 20, problems),
            MaxConnections = Number(values, "max-connections", 500, problems),
            PidFile = values.GetValueOrDefault("pid-file"),
            LogDirectory = logs,
            AuditDirectory = values.GetValueOrDefault("sql-audit-dir") ?? logs ?? Path.Combine(store, "logs"),
            CertPrincipalMap = PrincipalMap(values, problems),
            AcceptSqlWithoutTls = Flag(values, "accept-sql-without-tls", problems),
            DrainTimeout = Duration(values, "drain-timeout", TimeSpan.FromSeconds(10), problems),
        };
        return WithEncryption(options, values, problems);
    }

    static ServerOptions WithEncryption(ServerOptions options, Dictionary<string, string> values, ICollection<string> problems)
    {
        if (!values.TryGetValue("encryption", out var text))
        {
            return options with
            {
                Encryption = new EncryptionSpecification { Path = options.StoreDirectory, Key = Path.TrimEndingDirectorySeparator(options.StoreDirectory) + ".key", OldKey = EncryptionSpecification.Plain },
                EncryptionIsDefault = true,
            };
        }

        return text == EncryptionSpecification.Plain ? options : options with { Encryption = EncryptionSpecification.Parse(text, problems) };
    }

    /// <summary>A directory, or CockroachDB's form path=….</summary>
    static string StoreDirectory(Dictionary<string, string> values, ICollection<string> problems)
    {
        var text = values.GetValueOrDefault("store", "chitin-data");
        if (!text.Contains('=', StringComparison.Ordinal))
            return text;
        var path = "";
        foreach (var part in text.Split(','))
        {
            if (part.StartsWith("path=", StringComparison.Ordinal))
                path = part["path=".Length..];
            else
                problems.Add($"store: {part.Split('=')[0]} is not a valid store field (only path is)");
        }

        return path;
    }

    static ImmutableDictionary<string, string> PrincipalMap(Dictionary<string, string> values, ICollection<string> problems)
    {
        var map = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var rule in values.GetValueOrDefault("cert-principal-map", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = rule.LastIndexOf(':');
            if (colon <= 0 || colon == rule.Length - 1)
                problems.Add($"cert-principal-map: invalid <cert-principal>:<db-principal> mapping: \"{rule}\"");
            else
                map[rule[..colon]] = rule[(colon + 1)..];
        }

        return map.ToImmutable();
    }

    static bool Flag(Dictionary<string, string> values, string name, ICollection<string> problems)
    {
        switch (values.GetValueOrDefault(name, "false").ToLowerInvariant())
        {
            case "true" or "1" or "yes" or "on":
                return true;
            case "false" or "0" or "no" or "off":
                return false;
            default:
                problems.Add($"{name}: \"{values[name]}\" is not true or false");
                return false;
        }
    }

    static ListenAddress Address(Dictionary<string, string> values, string name, ListenAddress defaultAddress, ICollection<string> problems)
    {
        if (!values.TryGetValue(name, out var text))
            return defaultAddress;
        if (ListenAddress.TryParse(text, defaultAddress.Port, out var address))
            return address;
        problems.Add($"{name}: \"{text}\" is not an address of the form host:port");
        return defaultAddress;
    }

    static int Number(Dictionary<string, string> values, string name, int defaultValue, ICollection<string> problems)
    {
        if (!values.TryGetValue(name, out var text))
            return defaultValue;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        problems.Add($"{name}: \"{text}\" is not a number");
        return defaultValue;
    }

    static TimeSpan Duration(Dictionary<string, string> values, string name, TimeSpan defaultValue, ICollection<string> problems)
    {
        if (!values.TryGetValue(name, out var text))
            return defaultValue;
        if (Durations.TryParse(text, out var duration))
            return duration;
        problems.Add($"{name}: \"{text}\" is not a duration such as 10s or 1h30m");
        return defaultValue;
    }

    static long Size(Dictionary<string, string> values, string name, long defaultValue, ICollection<string> problems)
    {
        if (!values.TryGetValue(name, out var text))
            return defaultValue;
        if (ByteSizes.TryParse(text, out var size))
            return size;
        problems.Add($"{name}: \"{text}\" is not a size such as 256MiB, 1GB, 25% or .25");
        return defaultValue;
    }

    static void ReadSettings(string text, Dictionary<string, string> values, ICollection<string> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problems.Add("settings-file: must hold a JSON object");
                return;
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!Names.Contains(property.Name))
                    problems.Add($"settings-file: unknown setting \"{property.Name}\"");
                else if (property.Value.ValueKind is JsonValueKind.String)
                    values[property.Name] = property.Value.GetString()!;
                else if (property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number)
                    values[property.Name] = property.Value.GetRawText();
                else
                    problems.Add($"settings-file: \"{property.Name}\" must be a string, a number or a boolean");
            }
        }
        catch (JsonException e)
        {
            problems.Add($"settings-file: not valid JSON (line {e.LineNumber + 1})");
        }
    }
}

/// <summary>Amounts of memory: 128MiB, 1GB, 25% or .25 of the machine's.</summary>
public static class ByteSizes
{
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.'))
            digits++;
        if (!double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            return false;
        var factor = text[digits..].Trim().ToLowerInvariant() switch
        {
            "" when amount < 1 && text.StartsWith('.') || text.StartsWith("0.", StringComparison.Ordinal) => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            "" or "b" => 1.0,
            "%" => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 100.0,
            "kb" or "k" => 1e3,
            "kib" => 1024.0,
            "mb" or "m" => 1e6,
            "mib" => 1024.0 * 1024,
            "gb" or "g" => 1e9,
            "gib" => 1024.0 * 1024 * 1024,
            "tb" => 1e12,
            "tib" => 1024.0 * 1024 * 1024 * 1024,
            _ => double.NaN,
        };
        var total = amount * factor;
        if (!(total <= 1L << 50))
            return false;
        bytes = (long)total;
        return true;
    }
}
