using System.Buffers;
using System.Globalization;

namespace Chitin.Cryptography;

/// <summary>
/// The setting <c>path=…,key=FILE|plain[,old-key=FILE|plain][,rotation-period=168h]</c> of one store.
/// </summary>
/// <param name="Path">The store's directory, or * for every store.</param>
/// <param name="Key">A store key file, or "plain".</param>
/// <param name="OldKey">The key used until now; null means that it has not changed or that the store is new.</param>
/// <param name="RotationPeriod">A data key older than this gives way to a new one.</param>
public sealed record EncryptionOptions(string Path, string Key, string? OldKey, TimeSpan RotationPeriod)
{
    public const string AnyPath = "*";

    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    /// <summary>One week, CockroachDB's default.</summary>
    public static readonly TimeSpan DefaultRotationPeriod = TimeSpan.FromHours(168);

    /// <summary>What a store gets for which nothing is set.</summary>
    public static EncryptionOptions Plain(string path) => new(path, StoreKey.PlainId, null, DefaultRotationPeriod);

    public static EncryptionOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? path = null, key = null, oldKey = null;
        TimeSpan? rotationPeriod = null;
        foreach (var field in text.Split(','))
        {
            if (field.Length == 0)
                throw Invalid("empty field");
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw Invalid($"field not in the form <key>=<value>: {field}");
            var (name, value) = (field[..equals].ToLowerInvariant(), field[(equals + 1)..]);
            if (value.Length == 0)
                throw Invalid($"no value specified for {name}");
            switch (name)
            {
                case "path":
                    Once(ref path, name, value);
                    break;
                case "key":
                    Once(ref key, name, value);
                    break;
                case "old-key":
                    Once(ref oldKey, name, value);
                    break;
                case "rotation-period" when rotationPeriod is not null:
                    throw UsedTwice(name);
                case "rotation-period":
                    rotationPeriod = ParseDuration(value);
                    break;
                default:
                    throw Invalid($"{name} is not a valid encryption field");
            }
        }

        return new EncryptionOptions(
            path ?? throw Invalid("no path specified"),
            key ?? throw Invalid("no key specified"),
            oldKey,
            rotationPeriod ?? DefaultRotationPeriod);
    }

    /// <summary>Gives each store its setting. A setting that fits no store, and two that fit the same, are refused.</summary>
    public static IReadOnlyDictionary<string, EncryptionOptions> Match(IEnumerable<string> stores, IEnumerable<EncryptionOptions> settings)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(settings);
        var result = stores.ToDictionary(s => s, EncryptionOptions? (_) => null, StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var fitting = result.Keys.Where(store => setting.Path == AnyPath || SamePath(store, setting.Path)).ToList();
            if (fitting.Count == 0)
                throw Invalid($"no usage of path {setting.Path} found for encryption setting: {setting}");
            foreach (var store in fitting)
            {
                if (result[store] is not null)
                    throw Invalid($"store with path {store} already has an encryption setting");
                result[store] = setting;
            }
        }

        return result.ToDictionary(e => e.Key, e => e.Value ?? Plain(e.Key), StringComparer.Ordinal);
    }

    public override string ToString()
    {
        var hours = RotationPeriod.TotalHours.ToString(CultureInfo.InvariantCulture);
        return $"path={Path},key={Key}{(OldKey is null ? "" : ",old-key=" + OldKey)},rotation-period={hours}h";
    }

    private static bool SamePath(string left, string right) =>
        System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(left)) ==
        System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(right));

    private static void Once(ref string? target, string name, string value) =>
        target = target is null ? value : throw UsedTwice(name);

    private static EncryptionException UsedTwice(string name) =>
        Invalid($"{name} field was used twice in encryption definition");

    /// <summary>Numbers with the units h, m, s and ms, such as 168h or 1h30m.</summary>
    private static TimeSpan ParseDuration(string text)
    {
        var total = 0.0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(s_number);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                throw BadDuration(text);
            rest = rest[digits..];
            var unitLength = rest.IndexOfAny(s_number);
            var unit = unitLength < 0 ? rest : rest[..unitLength];
            total += number * (unit switch
            {
                "h" => 3600,
                "m" => 60,
                "s" => 1,
                "ms" => 0.001,
                _ => throw BadDuration(text),
            });
            rest = rest[unit.Length..];
        }

        return total is > 0 and < 1e10 ? TimeSpan.FromSeconds(total) : throw BadDuration(text);
    }

    private static EncryptionException BadDuration(string text) => Invalid($"could not parse rotation-duration value: {text}");

    private static EncryptionException Invalid(string message) => new(EncryptionFailure.Invalid, message);
}
