using System.Buffers.Binary;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Storage;
using Chitin.Transactions;

namespace Chitin.Catalog;

/// <summary>
/// The catalog as rows of the store. The published picture is replaced, in commit order, when a transaction that changed descriptors commits. Object ids come from a counter
/// that is advanced in transactions of its own, so that an id is never used twice.
/// </summary>
public sealed class CatalogStore : ICatalog
{
    private const uint IdBlock = 256;

    private readonly ITransactionManager _transactions;
    private readonly Lock _idLock = new();
    private readonly PastPictures _past = new();
    private volatile Publication _current = new(CatalogSnapshot.Empty, null);
    private uint _nextId;
    private uint _idLimit;
    private uint _nextRole;
    private uint _roleLimit;

    private CatalogStore(ITransactionManager transactions) => _transactions = transactions;

    public ICatalogSnapshot Current => _current.Picture;

    internal CatalogSnapshot Published => _current.Picture;

    /// <summary>Reads the catalog, or makes the first one in an empty store.</summary>
    public static async Task<CatalogStore> OpenAsync(ITransactionManager transactions, CancellationToken cancellationToken)
    {
        var store = new CatalogStore(transactions);
        await using (var reading = transactions.Begin(new TransactionOptions { ReadOnly = true }))
        {
            store._current = new Publication(Load(reading), ReadMark(reading));
            await reading.RollbackAsync();
        }

        if (!store.Published.Databases.Any())
            await CatalogBootstrap.RunAsync(store, transactions, cancellationToken);
        else if (store._current.Mark is null)
            await store.LeaveMarkAsync(cancellationToken);
        return store;
    }

    public ICatalogTransaction Begin(ITransaction transaction) => new CatalogTransaction(this, transaction);

    public ICatalogSnapshot AsOf(ITransaction transaction)
    {
        PastPicture? picture = null;
        return AsOf(transaction, ReadMark(transaction), ref picture);
    }

    /// <summary>Which picture belongs to the transaction's snapshot; null in a store whose commits left no marks then.</summary>
    internal static Guid? ReadMark(ITransaction transaction)
    {
        using var mark = transaction.GetUnvalidated(CatalogCodec.MarkKey);
        return mark.Found ? new Guid(mark.Value) : null;
    }

    /// <param name="transaction">At whose snapshot the catalog is read.</param>
    /// <param name="mark">Its mark.</param>
    /// <param name="kept">The picture, once it had to be looked for.</param>
    internal CatalogSnapshot AsOf(ITransaction transaction, Guid? mark, ref PastPicture? kept)
    {
        var current = _current;
        if (mark is not null && mark == current.Mark)
            return current.Picture;
        kept ??= mark is { } known ? _past.Find(known) : null;
        if (kept is null)
        {
            kept = new PastPicture(Load(transaction));
            if (mark is { } loaded)
                _past.AddLoaded(loaded, kept);
        }

        return kept.UnderRightsOf(current.Picture);
    }

    internal uint NewId()
    {
        lock (_idLock)
        {
            if (_nextId >= _idLimit)
                (_nextId, _idLimit) = Reserve("object", PgOid.FirstNormal + 1000);
            return _nextId++;
        }
    }

    internal uint NewRoleId()
    {
        lock (_idLock)
        {
            if (_nextRole >= _roleLimit)
                (_nextRole, _roleLimit) = Reserve("role", RoleIds.FirstNormal);
            return _nextRole++;
        }
    }

    /// <summary>Replaces the published picture. Called in commit order.</summary>
    internal void Publish(IReadOnlyList<CatalogChange> changes, Timestamp at, Guid mark)
    {
        var (snapshot, before) = _current;
        if (before is { } past)
            _past.AddPublished(past, snapshot);
        foreach (var change in changes)
            snapshot = snapshot.With(change, at);
        _current = new Publication(snapshot, mark);
    }

    /// <summary>A store of before there were marks gets its first.</summary>
    private async ValueTask LeaveMarkAsync(CancellationToken cancellationToken)
    {
        await using var transaction = _transactions.Begin(new TransactionOptions());
        transaction.UseReserve();
        var mark = Guid.NewGuid();
        transaction.Put(CatalogCodec.MarkKey, mark.ToByteArray());
        transaction.OnCommit(_ => _current = _current with { Mark = mark });
        await transaction.CommitAsync(cancellationToken);
    }

    private (uint First, uint Limit) Reserve(string counter, uint start)
    {
        while (true)
        {
            var transaction = _transactions.Begin(new TransactionOptions());
            try
            {
                transaction.UseReserve();   // TRUNCATE takes a number
                var key = CatalogCodec.CounterKey(counter);
                uint first;
                using (var stored = transaction.Get(key))
                    first = stored.Found ? BinaryPrimitives.ReadUInt32BigEndian(stored.Value) : start;
                var value = new byte[4];
                BinaryPrimitives.WriteUInt32BigEndian(value, first + IdBlock);
                transaction.Put(key, value);
                transaction.CommitAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                return (first, first + IdBlock);
            }
            catch (SqlException error) when (error.State == SqlState.SerializationFailure)
            {
                // Somebody else took the block: take the next one.
            }
        }
    }

    private static CatalogSnapshot Load(ITransaction transaction)
    {
        var snapshot = CatalogSnapshot.Empty;
        Func<uint, SqlType?> typeByOid = oid => snapshot.TypeByOid(oid);
        foreach (var typesFirst in new[] { true, false })
        {
            var (lower, upper) = CatalogCodec.DescriptorRange;
            using var rows = transaction.Scan(lower, upper);
            while (rows.MoveNext())
            {
                if (CatalogCodec.IsType(rows.Value) == typesFirst)
                    snapshot = snapshot.With(new PutDescriptor(CatalogCodec.Decode(rows.Value, typeByOid)));
            }
        }

        var statistics = CatalogCodec.StatisticsRange;
        using (var rows = transaction.Scan(statistics.Lower, statistics.Upper))
        {
            while (rows.MoveNext())
                snapshot = snapshot.With(new PutTableStatistics(CatalogCodec.DecodeBody<TableStatistics>(rows.Value, typeByOid)));
        }

        var settings = CatalogCodec.SettingRange;
        using (var rows = transaction.Scan(settings.Lower, settings.Upper))
        {
            while (rows.MoveNext())
                snapshot = snapshot.With(new PutSetting(CatalogCodec.SettingName(rows.Key), System.Text.Encoding.UTF8.GetString(rows.Value)));
        }

        using (var defaults = transaction.Get(CatalogCodec.DefaultPrivilegesKey))
        {
            if (defaults.Found)
                snapshot = snapshot.With(new PutDefaults(CatalogCodec.DecodeBody<ImmutableArray<DefaultPrivilege>>(defaults.Value, typeByOid)));
        }

        return snapshot;
    }

    /// <param name="Picture">The newest picture.</param>
    /// <param name="Mark">What the commit behind it left in the store.</param>
    private sealed record Publication(CatalogSnapshot Picture, Guid? Mark);
}

/// <summary>Catalog changes of one transaction: rows in the transaction, a picture of its own, published at commit.</summary>
internal sealed class CatalogTransaction(CatalogStore store, ITransaction transaction) : ICatalogTransaction
{
    private readonly List<CatalogChange> _changes = [];
    private readonly List<(int Savepoint, int Changes)> _savepoints = [];
    private CatalogSnapshot? _own;
    private CatalogSnapshot? _base;
    private readonly Guid _newMark = Guid.NewGuid();
    private Guid? _mark;
    private PastPicture? _past;
    private bool _isMarkKnown;
    private bool _registered;

    public ICatalogSnapshot Snapshot => Mine;

    public bool HasChanges => _changes.Count > 0;

    public bool HasNewStorage(TableDescriptor table) =>
        HasChanges && !(store.Published.TryGet<TableDescriptor>(table.Id, out var published) && published.StorageId == table.StorageId);

    /// <summary>
    /// Own changes over what is published now, so that nothing that others have changed meanwhile is missed. A transaction that only reads, at a snapshot that stays where it is, reads with
    /// the definitions of its snapshot.
    /// </summary>
    private CatalogSnapshot Mine
    {
        get
        {
            if (_changes.Count == 0 && transaction.KeepsSnapshot)
                return OfSnapshot();
            var published = store.Published;
            if (_changes.Count == 0)
                return published;
            if (_own is null || !ReferenceEquals(_base, published))
            {
                _base = published;
                _own = published;
                foreach (var change in _changes)
                    _own = _own.With(change);
            }

            return _own;
        }
    }

    private CatalogSnapshot OfSnapshot()
    {
        if (!_isMarkKnown)
        {
            _mark = CatalogStore.ReadMark(transaction);
            _isMarkKnown = true;
        }

        return store.AsOf(transaction, _mark, ref _past);
    }

    public uint NewId() => store.NewId();

    public uint NewRoleId() => store.NewRoleId();

    public void Put(Descriptor descriptor)
    {
        Touch(CatalogCodec.DescriptorKey(descriptor.Id));
        var newNames = CatalogSnapshot.Names(descriptor).ToList();
        if (Mine.TryGet<Descriptor>(descriptor.Id, out var old))
        {
            foreach (var name in CatalogSnapshot.Names(old).Except(newNames))
                transaction.Delete(CatalogCodec.NameKey(name));
            newNames = [.. newNames.Except(CatalogSnapshot.Names(old))];
        }

        foreach (var name in newNames)
        {
            var key = CatalogCodec.NameKey(name);
            Touch(key);
            transaction.Put(key, BitConverter.GetBytes(descriptor.Id));
        }

        transaction.Put(CatalogCodec.DescriptorKey(descriptor.Id), CatalogCodec.Encode(descriptor));
        Record(new PutDescriptor(descriptor));
    }

    public void Remove(Descriptor descriptor)
    {
        Touch(CatalogCodec.DescriptorKey(descriptor.Id));
        foreach (var name in CatalogSnapshot.Names(descriptor))
            transaction.Delete(CatalogCodec.NameKey(name));
        transaction.Delete(CatalogCodec.DescriptorKey(descriptor.Id));
        transaction.Delete(CatalogCodec.StatisticsKey(descriptor.Id));
        Record(new RemoveDescriptor(descriptor));
    }

    public void PutStatistics(TableStatistics statistics)
    {
        transaction.Put(CatalogCodec.StatisticsKey(statistics.TableId), CatalogCodec.EncodeBody(statistics));
        Record(new PutTableStatistics(statistics));
    }

    public void PutClusterSetting(string name, string? value)
    {
        var key = CatalogCodec.SettingKey(name);
        if (value is null)
            transaction.Delete(key);
        else
            transaction.Put(key, System.Text.Encoding.UTF8.GetBytes(value));
        Record(new PutSetting(name, value));
    }

    public void PutDefaultPrivileges(ImmutableArray<DefaultPrivilege> entries)
    {
        Touch(CatalogCodec.DefaultPrivilegesKey);
        transaction.Put(CatalogCodec.DefaultPrivilegesKey, CatalogCodec.EncodeBody(entries));
        Record(new PutDefaults(entries));
    }

    public int SetSavepoint()
    {
        _savepoints.Add((_savepoints.Count, _changes.Count));
        return _savepoints.Count - 1;
    }

    public void RollbackTo(int savepoint)
    {
        var keep = _savepoints[savepoint].Changes;
        _savepoints.RemoveRange(savepoint + 1, _savepoints.Count - savepoint - 1);
        if (keep == _changes.Count)
            return;
        _changes.RemoveRange(keep, _changes.Count - keep);
        _own = null;
    }

    /// <summary>Reads a key before it is written, so that a concurrent change of it fails one of the two commits.</summary>
    private void Touch(byte[] key)
    {
        using var read = transaction.Get(key);
    }

    private void Record(CatalogChange change)
    {
        var picture = Mine;
        if (_changes.Count == 0)
            _base = picture;
        _changes.Add(change);
        _own = picture.With(change);
        // Each time: a rollback to a savepoint takes the writes behind it away. Nobody reads it but to find a picture, so that it is in nobody's way.
        transaction.Put(CatalogCodec.MarkKey, _newMark.ToByteArray());
        if (_registered)
            return;
        _registered = true;
        transaction.OnCommit(at => store.Publish(_changes, at, _newMark));
    }
}
