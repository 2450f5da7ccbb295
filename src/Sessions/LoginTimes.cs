using System.Buffers.Binary;
using System.Collections.Concurrent;
using Chitin.Catalog;
using Chitin.Storage;

namespace Chitin.Sessions;

/// <summary>
/// When each role signed in last (SHOW USERS: estimated_last_login_time). An estimate, as in CockroachDB: kept in memory and saved now and then, so that a login writes nothing; after a crash
/// the last minute may be missing.
/// </summary>
public sealed class LoginTimes
{
    private const string StoredName = "login-times";
    private const int EntryLength = 12;

    private readonly IVersionedStore? _store;
    private readonly ConcurrentDictionary<uint, DateTimeOffset> _times = [];
    private volatile bool _isChanged;

    /// <summary>Reads what was saved. Without a store the times last as long as the process.</summary>
    public LoginTimes(IVersionedStore? store = null)
    {
        _store = store;
        ReadOnlySpan<byte> saved = store?.GetLocal(StoredName);
        for (; saved.Length >= EntryLength; saved = saved[EntryLength..])
            _times[BinaryPrimitives.ReadUInt32LittleEndian(saved)] = DateTimeOffset.UnixEpoch.AddMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(saved[4..]));
    }

    public void Note(uint role, DateTimeOffset at)
    {
        _times[role] = at;
        _isChanged = true;
    }

    public DateTimeOffset? Find(uint role) => _times.TryGetValue(role, out var at) ? at : null;

    /// <summary>Saves what has changed, of the roles that there are. StorageException.</summary>
    public void Save(ICatalogSnapshot catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        if (!_isChanged || _store is null)
            return;
        _isChanged = false;
        var kept = _times.Where(t => catalog.TryGet<RoleDescriptor>(t.Key, out _)).ToArray();
        var value = new byte[kept.Length * EntryLength];
        for (var i = 0; i < kept.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(i * EntryLength), kept[i].Key);
            BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan((i * EntryLength) + 4), (kept[i].Value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        }

        _store.PutLocal(StoredName, value);
    }
}
