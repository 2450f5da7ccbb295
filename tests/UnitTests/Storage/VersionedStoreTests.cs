using System.Text;
using Chitin.Storage;
using Xunit;

namespace Chitin.UnitTests.Storage;

/// <summary>What every implementation of <see cref="IVersionedStore"/> promises; one derived class per implementation.</summary>
public abstract class VersionedStoreTests : IDisposable
{
    protected VersionedStoreTests() => Store = null!;

    protected IVersionedStore Store { get; set; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_read_sees_the_newest_version_at_its_timestamp()
    {
        Put(10, "a", "1");
        Put(20, "a", "2");
        Delete(30, "a");
        Assert.Null(Get("a", 9));
        Assert.Equal("1", Get("a", 10));
        Assert.Equal("1", Get("a", 19));
        Assert.Equal("2", Get("a", 20));
        Assert.Null(Get("a", 30));
        Assert.Equal(new Timestamp(30), Store.LastCommit);
    }

    [Fact]
    public void A_key_that_is_a_prefix_of_another_is_a_key_of_its_own()
    {
        Put(10, "a", "1");
        Put(20, "a\0", "2");
        Put(30, "", "empty");
        Assert.Equal("1", Get("a", 50));
        Assert.Equal("2", Get("a\0", 50));
        Assert.Equal(["=empty", "a=1", "a\0=2"], Scan("", "", 50));
    }

    [Fact]
    public void An_empty_value_is_found()
    {
        Put(10, "a", "");
        Assert.Equal("", Get("a", 10));
    }

    [Fact]
    public void Scans_walk_both_ways_within_their_bounds()
    {
        var batch = new WriteBatch();
        foreach (var key in new[] { "a", "b", "c", "d", "e" })
            Add(batch, key, key.ToUpperInvariant());
        Store.Write(batch, new Timestamp(10), sync: false);
        Put(20, "bb", "new");
        Delete(30, "c");

        Assert.Equal(["b=B", "c=C", "d=D"], Scan("b", "e", 10));
        Assert.Equal(["b=B", "bb=new", "d=D"], Scan("b", "e", 30));
        Assert.Equal(["d=D", "bb=new", "b=B"], ScanBackward("b", "e", 30));
        Assert.Equal(["e=E", "d=D", "c=C", "b=B", "a=A"], ScanBackward("", "", 10));
        Assert.Empty(Scan("x", "", 30));
        Assert.Empty(Scan("a", "", 9));
    }

    [Fact]
    public void Seeks_land_on_the_nearest_visible_key()
    {
        foreach (var (at, key) in new[] { (10UL, "b"), (20UL, "d"), (30UL, "f") })
            Put(at, key, key);
        using var iterator = Store.Scan("b"u8, "f"u8, new Timestamp(40));
        Assert.True(iterator.Seek("c"u8));
        Assert.Equal("d"u8, iterator.Key);
        Assert.True(iterator.Seek("a"u8));
        Assert.Equal("b"u8, iterator.Key);
        Assert.False(iterator.Seek("e"u8));
        Assert.True(iterator.SeekForPrevious("z"u8));
        Assert.Equal("d"u8, iterator.Key);
        Assert.True(iterator.SeekForPrevious("d"u8));
        Assert.Equal("d"u8, iterator.Key);
        Assert.True(iterator.SeekForPrevious("c"u8));
        Assert.Equal("b"u8, iterator.Key);
        Assert.False(iterator.SeekForPrevious("a"u8));
    }

    [Fact]
    public void An_iterator_can_turn_round()
    {
        foreach (var (at, key) in new[] { (10UL, "a"), (20UL, "b"), (30UL, "c") })
            Put(at, key, key);
        using var iterator = Store.Scan(default, default, new Timestamp(40));
        Assert.True(iterator.SeekToFirst());
        Assert.True(iterator.MoveNext());
        Assert.True(iterator.MovePrevious());
        Assert.Equal("a"u8, iterator.Key);
        Assert.True(iterator.MoveNext());
        Assert.True(iterator.MoveNext());
        Assert.Equal("c"u8, iterator.Key);
        Assert.False(iterator.MoveNext());
    }

    [Fact]
    public void An_iterator_is_not_disturbed_by_later_writes()
    {
        Put(10, "a", "1");
        Put(20, "b", "1");
        using var iterator = Store.Scan(default, default, new Timestamp(20));
        Assert.True(iterator.SeekToFirst());
        Put(30, "aa", "2");
        Put(40, "b", "2");
        Assert.True(iterator.MoveNext());
        Assert.Equal("b"u8, iterator.Key);
        Assert.Equal("1"u8, iterator.Value);
    }

    [Fact]
    public void A_range_delete_hides_what_was_there_and_nothing_else()
    {
        foreach (var (at, key) in new[] { (10UL, "a"), (11UL, "b"), (12UL, "c"), (13UL, "d") })
            Put(at, key, key);
        var batch = new WriteBatch();
        batch.DeleteRange("b"u8, "d"u8);
        Store.Write(batch, new Timestamp(20), sync: true);
        Put(30, "b", "again");

        Assert.Equal(["a=a", "b=b", "c=c", "d=d"], Scan("", "", 19));
        Assert.Equal(["a=a", "d=d"], Scan("", "", 20));
        Assert.Equal(["a=a", "b=again", "d=d"], Scan("", "", 30));
        Assert.Equal(["d=d", "b=again", "a=a"], ScanBackward("", "", 30));
        Assert.Null(Get("c", 25));
        Assert.Equal("c", Get("c", 15));
    }

    [Fact]
    public void History_before_the_low_mark_is_refused_and_the_rest_stays()
    {
        Put(10, "a", "1");
        Put(20, "a", "2");
        Put(30, "a", "3");
        Store.AdvanceHistoryLow(new Timestamp(25));
        Assert.Equal(new Timestamp(25), Store.HistoryLow);
        Assert.Equal("2", Get("a", 25));
        Assert.Equal("3", Get("a", 30));
        Assert.Equal(StorageFailure.HistoryGone, Assert.Throws<StorageException>(() => Get("a", 24)).Kind);
        Assert.Equal(StorageFailure.HistoryGone, Assert.Throws<StorageException>(() => Scan("", "", 24)).Kind);
        Store.AdvanceHistoryLow(new Timestamp(5));
        Assert.Equal(new Timestamp(25), Store.HistoryLow);
    }

    [Fact]
    public void Local_values_are_kept_apart_from_data()
    {
        Assert.Null(Store.GetLocal("node"));
        Store.PutLocal("node", "one"u8);
        Store.PutLocal("node", "two"u8);
        Assert.Equal("two"u8.ToArray(), Store.GetLocal("node"));
        Assert.Empty(Scan("", "", ulong.MaxValue));
        Assert.Equal(Timestamp.Zero, Store.LastCommit);
    }

    [Fact]
    public void Random_histories_agree_with_a_model()
    {
        var random = new Random(7);
        var model = new SortedDictionary<string, List<(ulong At, string? Value)>>(StringComparer.Ordinal);
        var batch = new WriteBatch();
        for (ulong at = 1; at <= 200; at++)
        {
            batch.Clear();
            if (random.Next(10) == 0)
            {
                var (from, to) = (Key(random), Key(random));
                if (string.CompareOrdinal(from, to) >= 0)
                    (from, to) = (to, from + "x");
                batch.DeleteRange(Utf8(from), Utf8(to));
                foreach (var (key, versions) in model)
                {
                    if (string.CompareOrdinal(key, from) >= 0 && string.CompareOrdinal(key, to) < 0)
                        versions.Add((at, null));
                }
            }
            else
            {
                foreach (var key in Enumerable.Range(0, 3).Select(_ => Key(random)).Distinct())
                {
                    var value = random.Next(4) == 0 ? null : $"{at}";
                    if (value is null)
                        batch.Delete(Utf8(key));
                    else
                        Add(batch, key, value);
                    if (!model.TryGetValue(key, out var versions))
                        model[key] = versions = [];
                    versions.Add((at, value));
                }
            }

            Store.Write(batch, new Timestamp(at), sync: false);
        }

        for (ulong at = 0; at <= 200; at += 7)
        {
            var expected = model.Select(e => (e.Key, Value: e.Value.LastOrDefault(v => v.At <= at).Value))
                .Where(e => e.Value is not null).Select(e => $"{e.Key}={e.Value}").ToList();
            Assert.Equal(expected, Scan("", "", at));
            expected.Reverse();
            Assert.Equal(expected, ScanBackward("", "", at));
        }
    }

    protected virtual void Dispose(bool disposing) => Store?.Dispose();

    protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    protected static void Add(WriteBatch batch, string key, string value)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Put(Utf8(key), Utf8(value));
    }

    protected void Put(ulong at, string key, string value)
    {
        var batch = new WriteBatch();
        Add(batch, key, value);
        Store.Write(batch, new Timestamp(at), sync: false);
    }

    protected void Delete(ulong at, string key)
    {
        var batch = new WriteBatch();
        batch.Delete(Utf8(key));
        Store.Write(batch, new Timestamp(at), sync: false);
    }

    protected string? Get(string key, ulong at)
    {
        using var value = Store.Get(Utf8(key), new Timestamp(at));
        return value.Found ? Encoding.UTF8.GetString(value.Value) : null;
    }

    protected List<string> Scan(string lower, string upper, ulong at)
    {
        var rows = new List<string>();
        using var iterator = Store.Scan(Utf8(lower), Utf8(upper), new Timestamp(at));
        for (var more = iterator.SeekToFirst(); more; more = iterator.MoveNext())
            rows.Add($"{Encoding.UTF8.GetString(iterator.Key)}={Encoding.UTF8.GetString(iterator.Value)}");
        return rows;
    }

    protected List<string> ScanBackward(string lower, string upper, ulong at)
    {
        var rows = new List<string>();
        using var iterator = Store.Scan(Utf8(lower), Utf8(upper), new Timestamp(at));
        for (var more = iterator.SeekToLast(); more; more = iterator.MovePrevious())
            rows.Add($"{Encoding.UTF8.GetString(iterator.Key)}={Encoding.UTF8.GetString(iterator.Value)}");
        return rows;
    }

    private static string Key(Random random) => new((char)('a' + random.Next(12)), random.Next(1, 3));
}

public sealed class MemoryStoreTests : VersionedStoreTests
{
    public MemoryStoreTests() => Store = new MemoryStore();
}
