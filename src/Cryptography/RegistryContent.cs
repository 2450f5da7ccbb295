namespace Chitin.Cryptography;

/// <summary>What a registry holds at one moment. The last store key is the active one.</summary>
internal sealed record RegistryContent(
    ImmutableArray<StoreKeyInfo> StoreKeys,
    ImmutableDictionary<DataKeyId, DataKey> Keys,
    DataKeyId ActiveId)
{
    public static readonly RegistryContent Empty = new([], ImmutableDictionary<DataKeyId, DataKey>.Empty, DataKeyId.None);

    public DataKey? Active { get; } = ActiveId == DataKeyId.None ? null : Keys[ActiveId];

    public IReadOnlyCollection<DataKey> DataKeys { get; } = [.. Keys.Values.OrderBy(k => k.Created)];

    public DataKey? Find(DataKeyId id) => Keys.GetValueOrDefault(id);

    public RegistryContent WithStoreKey(StoreKeyInfo storeKey) =>
        new(StoreKeys.RemoveAll(k => k.Id == storeKey.Id).Add(storeKey), Keys, ActiveId);

    public RegistryContent WithActive(DataKey key) => new(StoreKeys, Keys.Add(key.Id, key), key.Id);

    /// <summary>What is about to be written in clear: no active key, and every key marked.</summary>
    public RegistryContent Exposed() =>
        new(StoreKeys, Keys.ToImmutableDictionary(e => e.Key, e => e.Value.Exposed ? e.Value : e.Value.AsExposed()), DataKeyId.None);
}
