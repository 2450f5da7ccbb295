namespace Chitin.Cryptography;

/// <summary>A store key that the registry has seen.</summary>
/// <param name="Id">64 hexadecimal digits, or "plain".</param>
/// <param name="Created">When the store first used it.</param>
/// <param name="Source">The file that it was read from.</param>
public sealed record StoreKeyInfo(string Id, CipherAlgorithm Algorithm, DateTimeOffset Created, string Source);

/// <summary>
/// The data keys of one store, in a file in its directory that the store key seals (<see cref="RegistryFile"/>). It decides which key new files get:
/// a fresh one when the store key changes or the active one grows older than the rotation period. Old keys stay for reading.
/// </summary>
/// <remarks>Safe for concurrent use; files are created on background threads.</remarks>
public sealed class DataKeyRegistry : IDisposable
{
    public const string FileName = "CHITIN_DATA_KEYS";

    private readonly Lock _changing = new();
    private readonly string _path;
    private readonly StoreKey _storeKey;
    private readonly TimeSpan _rotationPeriod;
    private readonly TimeProvider _clock;
    private volatile RegistryContent _content;

    private DataKeyRegistry(string path, StoreKey storeKey, RegistryContent content, TimeSpan rotationPeriod, TimeProvider clock) =>
        (_path, _storeKey, _content, _rotationPeriod, _clock) = (path, storeKey, content, rotationPeriod, clock);

    /// <summary>Null while the store is not encrypted.</summary>
    public DataKey? Active => _content.Active;

    public StoreKeyInfo ActiveStoreKey => _content.StoreKeys[^1];

    public IReadOnlyList<StoreKeyInfo> StoreKeys => _content.StoreKeys;

    public IReadOnlyCollection<DataKey> DataKeys => _content.DataKeys;

    public CipherAlgorithm Algorithm => _content.Active?.Algorithm ?? CipherAlgorithm.Plaintext;

    /// <summary>The id and algorithm of the store key that seals the registry in a directory; readable without any key.</summary>
    public static (string Id, CipherAlgorithm Algorithm)? ReadActiveStoreKey(string directory)
    {
        var path = Path.Combine(directory, FileName);
        return File.Exists(path) ? RegistryFile.ReadHeader(path) : null;
    }

    /// <summary>Makes the registry of a new store and its first data key.</summary>
    public static DataKeyRegistry Create(string directory, EncryptionOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        if (options.OldKey is not null and not StoreKey.PlainId)
            StoreKeyFile.Read(options.OldKey).Dispose();   // a key that is asked for must be there, even when nothing is sealed with it
        var storeKey = StoreKeyFile.Read(options.Key);
        var registry = new DataKeyRegistry(Path.Combine(directory, FileName), storeKey, RegistryContent.Empty, options.RotationPeriod, clock);
        try
        {
            registry.Activate();
            return registry;
        }
        catch
        {
            registry.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens the registry of an existing store with the key, or with the old key, and then makes the key the active one. Writes nothing when it refuses.
    /// </summary>
    /// <param name="readOnly">Inspection: the change of key that the options ask for is not made.</param>
    public static DataKeyRegistry Open(string directory, EncryptionOptions options, TimeProvider clock, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        var path = Path.Combine(directory, FileName);
        var storeKey = StoreKeyFile.Read(options.Key);
        StoreKey? oldKey = null;
        DataKeyRegistry? registry = null;
        try
        {
            oldKey = options.OldKey is null ? null : StoreKeyFile.Read(options.OldKey);
            var (sealedBy, _) = RegistryFile.ReadHeader(path);
            var opener = storeKey.Id == sealedBy ? storeKey
                : oldKey?.Id == sealedBy ? oldKey
                : throw WrongKey(path, sealedBy, options);
            registry = new DataKeyRegistry(path, storeKey, RegistryFile.Read(path, opener), options.RotationPeriod, clock);
            if (!ReferenceEquals(opener, storeKey) && !readOnly)
                registry.Activate();
            return registry;
        }
        catch when (registry is null)
        {
            storeKey.Dispose();
            throw;
        }
        catch
        {
            registry!.Dispose();
            throw;
        }
        finally
        {
            oldKey?.Dispose();
        }
    }

    public DataKey? Find(DataKeyId id) => _content.Find(id);

    /// <summary>The key for a file that is about to be created, null for plaintext. It may make and write a new key first.</summary>
    public DataKey? KeyForNewFile()
    {
        var active = _content.Active;
        if (active is null || _clock.GetUtcNow() - active.Created < _rotationPeriod)
            return active;
        lock (_changing)
        {
            if (ReferenceEquals(active, _content.Active))
                Save(_content.WithActive(NewDataKey()));
            return _content.Active;
        }
    }

    /// <summary>A key for sealed files that nobody needs to read after the process has ended.</summary>
    public SealingKey? DeriveSealingKey() => _content.Active?.DeriveSealingKey();

    public void Dispose()
    {
        foreach (var key in _content.DataKeys)
            key.Dispose();
        _storeKey.Dispose();
    }

    public override string ToString() => $"data keys of {_path}";

    private void Activate()
    {
        if (_content.StoreKeys.Any(k => k.Id == _storeKey.Id) && !_storeKey.IsPlain)
        {
            throw new EncryptionException(
                EncryptionFailure.WrongKey,
                $"new active store key ID {_storeKey.Id} already exists as an inactive key -- this is really dangerous",
                _path);
        }

        lock (_changing)
        {
            var info = new StoreKeyInfo(_storeKey.Id, _storeKey.Algorithm, Now(), _storeKey.Source);
            var content = _content.WithStoreKey(info);
            Save(_storeKey.IsPlain ? content.Exposed() : content.WithActive(NewDataKey()));
        }
    }

    private DataKey NewDataKey() => new(
        DataKeyId.NewRandom(), _storeKey.Algorithm, Now(), _storeKey.Id, exposed: false, KeyBytes.Random(_storeKey.Algorithm.KeyLength()));

    /// <summary>Whole milliseconds, as the file keeps them.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());

    private void Save(RegistryContent content)
    {
        RegistryFile.Write(_path, content, _storeKey);
        _content = content;
    }

    private static EncryptionException WrongKey(string path, string sealedBy, EncryptionOptions options)
    {
        var given = options.OldKey is null ? $"key={options.Key}" : $"key={options.Key},old-key={options.OldKey}";
        var message = sealedBy == StoreKey.PlainId
            ? $"{path}: the store is not encrypted; give old-key=plain to encrypt it ({given})"
            : $"{path}: store key ID {sealedBy} was not found ({given})";
        return new EncryptionException(EncryptionFailure.WrongKey, message, path);
    }
}
