namespace Chitin.Catalog;

/// <summary>
/// Pictures of the catalog that are not the newest, by the mark that the commit behind each left in the store (<see cref="CatalogCodec.MarkKey"/>). Those that were published in this process
/// share most of their content; those read from the store do not, so fewer of them are kept.
/// </summary>
internal sealed class PastPictures
{
    private const int MaxPublished = 256;
    private const int MaxLoaded = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (PastPicture Picture, long Used)> _published = [];
    private readonly Dictionary<Guid, (PastPicture Picture, long Used)> _loaded = [];
    private long _uses;

    public PastPicture? Find(Guid mark)
    {
        lock (_lock)
        {
            foreach (var pictures in (ReadOnlySpan<Dictionary<Guid, (PastPicture Picture, long Used)>>)[_published, _loaded])
            {
                if (!pictures.TryGetValue(mark, out var found))
                    continue;
                pictures[mark] = (found.Picture, ++_uses);
                return found.Picture;
            }

            return null;
        }
    }

    public void AddPublished(Guid mark, CatalogSnapshot picture) => Add(_published, MaxPublished, mark, new PastPicture(picture));

    public void AddLoaded(Guid mark, PastPicture picture) => Add(_loaded, MaxLoaded, mark, picture);

    private void Add(Dictionary<Guid, (PastPicture Picture, long Used)> pictures, int limit, Guid mark, PastPicture picture)
    {
        lock (_lock)
        {
            if (pictures.Count >= limit && !pictures.ContainsKey(mark))
                pictures.Remove(pictures.MinBy(p => p.Value.Used).Key);
            pictures[mark] = (picture, ++_uses);
        }
    }
}

/// <summary>An older picture, and what was made of it last for those of today.</summary>
internal sealed class PastPicture(CatalogSnapshot picture)
{
    private Shown? _shown;

    /// <summary>See <see cref="CatalogSnapshot.UnderRightsOf"/>. The same object as long as nothing changes today: plans and decisions about it stay valid.</summary>
    public CatalogSnapshot UnderRightsOf(CatalogSnapshot today)
    {
        var shown = Volatile.Read(ref _shown);
        if (shown is null || !ReferenceEquals(shown.Today, today))
            Volatile.Write(ref _shown, shown = new Shown(today, picture.UnderRightsOf(today)));
        return shown.Picture;
    }

    private sealed record Shown(CatalogSnapshot Today, CatalogSnapshot Picture);
}
