using Chitin.Storage.Native;

namespace Chitin.Storage;

public sealed unsafe partial class RocksStore
{
    public bool IsShortOfSpace => _space.IsShort;

    private static WritePurpose PurposeOf(WriteBatch batch)
    {
        if (batch.FreesSpace)
            return WritePurpose.Freeing;
        var purpose = batch.Count == 0 ? WritePurpose.Ordinary : WritePurpose.Deleting;
        foreach (var entry in batch)
        {
            if (entry.Kind == WriteBatch.EntryKind.DeleteRange)
                return WritePurpose.Freeing;
            if (entry.Kind == WriteBatch.EntryKind.Put)
                purpose = WritePurpose.Ordinary;
        }

        return purpose;
    }

    private (long Memtables, long Tables) SizesOnDisk() => (
        Property("rocksdb.cur-size-all-mem-tables") + (long)(_database.Property(_database.Local, "rocksdb.cur-size-all-mem-tables") ?? 0),
        Property("rocksdb.total-sst-files-size"));

    /// <summary>Sees that others give space back, or take it, while nobody writes.</summary>
    private void WatchSpace()
    {
        try
        {
            lock (_writing)
            {
                if (!_disposed)
                    _space.Look();
            }
        }
        catch (IOException e)
        {
            _logger.SpaceUnknown(_directory.Path, e.Message);
        }
    }

    private void SwitchCompactions(bool on)
    {
        nint error = 0;
        fixed (byte* name = "disable_auto_compactions\0"u8, value = on ? "false\0"u8 : "true\0"u8)
        {
            nint names = (nint)name, values = (nint)value;
            Rocks.SetOptions(_db, _data, 1, &names, &values, &error);
        }

        if (Rocks.TakeError(error) is { } text)
            _logger.EngineWarning(text);
        if (_space is not null)   // else it is opened
            _logger.CompactionsSwitched(_directory.Path, on ? "go on" : "wait for space");
    }

    private void StopWatching()
    {
        _watch.Dispose();
        lock (_writing)
        {
            // One that was under way has ended.
        }
    }
}
