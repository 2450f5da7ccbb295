using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chitin.Cryptography;

namespace Chitin.Storage;

/// <summary>A store key and what hangs on it, in the form of <c>debug encryption-status</c>.</summary>
public sealed record StoreKeyStatus(
    [property: JsonPropertyName("ID")] string Id,
    bool Active,
    string Type,
    string Created,
    string Source,
    IReadOnlyList<string>? Files,
    IReadOnlyList<DataKeyStatus>? DataKeys);

/// <summary>A data key and the files that it encrypts.</summary>
public sealed record DataKeyStatus(
    [property: JsonPropertyName("ID")] string Id,
    bool Active,
    bool Exposed,
    string Created,
    IReadOnlyList<string>? Files);

/// <summary>Inspection of a store's keys, with the store closed or open.</summary>
public static class EncryptionStatus
{
    /// <summary>Opens the registry with the keys given and reads the file headers; writes nothing.</summary>
    public static IReadOnlyList<StoreKeyStatus> Read(string directory, EncryptionOptions options, TimeProvider clock)
    {
        var store = StoreDirectory.Examine(directory);
        if (store.IsNew)
            throw StorageErrors.Corruption($"there is no store in {store.Path}", store.Path);
        using var keys = DataKeyRegistry.Open(store.Path, options, clock, readOnly: true);
        return Of(keys, StoreFiles.List(store.DatabasePath));
    }

    /// <summary><c>AES128_CTR:ID</c> or <c>Plaintext:</c>; needs no key.</summary>
    public static string ReadActiveKey(string directory) => DataKeyRegistry.ReadActiveStoreKey(directory) switch
    {
        null => throw StorageErrors.Corruption($"there is no data key registry in {directory}", directory),
        (StoreKey.PlainId, _) => "Plaintext:",
        var (id, algorithm) => $"{algorithm.Name()}:{id}",
    };

    public static string ToJson(IReadOnlyList<StoreKeyStatus> status) => JsonSerializer.Serialize(status, EncryptionStatusJson.Default.IReadOnlyListStoreKeyStatus);

    internal static IReadOnlyList<StoreKeyStatus> Of(DataKeyRegistry keys, IReadOnlyList<StoreFile> files) => keys.StoreKeys.Select(storeKey => new StoreKeyStatus(
        storeKey.Id,
        storeKey.Id == keys.ActiveStoreKey.Id,
        storeKey.Algorithm.Name(),
        Text(storeKey.Created),
        storeKey.Source,
        storeKey.Id == StoreKey.PlainId ? NullIfEmpty(NamesUnder(files, DataKeyId.None)) : null,
        NullIfEmpty(keys.DataKeys.Where(k => k.StoreKeyId == storeKey.Id).Select(k => new DataKeyStatus(
            k.Id.ToString(), k.Id == keys.Active?.Id, k.Exposed, Text(k.Created), NullIfEmpty(NamesUnder(files, k.Id)))).ToList()))).ToList();

    private static List<string> NamesUnder(IReadOnlyList<StoreFile> files, DataKeyId id) => files.Where(f => f.KeyId == id).Select(f => f.Name).ToList();

    private static List<T>? NullIfEmpty<T>(List<T> list) => list.Count == 0 ? null : list;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}

/// <summary>A file of a store with what its header says; the MAC is not checked here.</summary>
internal readonly record struct StoreFile(string Name, DataKeyId KeyId, CipherAlgorithm Algorithm, long Length);

internal static class StoreFiles
{
    /// <summary>Every file with a header. Files that go while this looks are left out.</summary>
    public static IReadOnlyList<StoreFile> List(string databasePath)
    {
        var files = new List<StoreFile>();
        var header = new byte[128];
        foreach (var path in Directory.EnumerateFiles(databasePath).Order(StringComparer.Ordinal))
        {
            try
            {
                using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
                if (RandomAccess.Read(file, header, 0) == header.Length && FileHeader.TryParse(header) is { } parsed)
                    files.Add(new StoreFile(Path.GetFileName(path), parsed.KeyId, parsed.Algorithm, RandomAccess.GetLength(file)));
            }
            catch (FileNotFoundException)
            {
                continue;
            }
        }

        return files;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IReadOnlyList<StoreKeyStatus>))]
internal sealed partial class EncryptionStatusJson : JsonSerializerContext;
