using System.Collections.Frozen;

namespace Chitin.Core.Types;

internal enum DateTimeWord : byte { Ignored, Reserved, Month, WeekDay, Meridiem, Era, Unit, IsoTime, DaylightModifier, Ago }

/// <summary>What reserved words stand for.</summary>
internal enum ReservedTime { Now, Today, Tomorrow, Yesterday, Midnight, Epoch, Infinity, NegativeInfinity }

internal enum DateTimeUnit { None, Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year, Decade, Century, Millennium, Julian, Time, Zone, Other }

internal readonly record struct WordMeaning(DateTimeWord Kind, int Value);

/// <summary>Words of date and time input (appendix B.2, B.3) and units of interval input (8.5.4).</summary>
internal static class DateTimeWords
{
    public const int Am = 0;
    public const int Pm = 1;
    public const int Ad = 0;
    public const int Bc = 1;

    /// <summary>Tokens are known by this many characters; what follows does not count.</summary>
    private const int TokenLength = 10;

    private static readonly FrozenDictionary<string, WordMeaning> s_words = MakeWords();
    private static readonly FrozenDictionary<string, WordMeaning>.AlternateLookup<ReadOnlySpan<char>> s_wordLookup = s_words.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, WordMeaning> s_units = MakeUnits();
    private static readonly FrozenDictionary<string, WordMeaning>.AlternateLookup<ReadOnlySpan<char>> s_unitLookup = s_units.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A word of dates and times, in any case.</summary>
    public static bool TryFind(ReadOnlySpan<char> word, out WordMeaning meaning) => s_wordLookup.TryGetValue(Cut(word), out meaning);

    /// <summary>A word of intervals, in any case.</summary>
    public static bool TryFindUnit(ReadOnlySpan<char> word, out WordMeaning meaning) => s_unitLookup.TryGetValue(Cut(word), out meaning);

    private static ReadOnlySpan<char> Cut(ReadOnlySpan<char> word) => word.Length > TokenLength ? word[..TokenLength] : word;

    private static FrozenDictionary<string, WordMeaning> MakeWords()
    {
        var words = new Dictionary<string, WordMeaning>(StringComparer.OrdinalIgnoreCase);
        Number(words, DateTimeWord.Month, 1, "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august", "sep sept september", "oct october",
            "nov november", "dec december");
        Number(words, DateTimeWord.WeekDay, 0, "sun sunday", "mon monday", "tue tues tuesday", "wed weds wednesday", "thu thur thurs thursday", "fri friday", "sat saturday");
        Number(words, DateTimeWord.Meridiem, 0, "am", "pm");
        Number(words, DateTimeWord.Era, 0, "ad", "bc");
        Number(words, DateTimeWord.Ignored, 0, "at on");
        Number(words, DateTimeWord.Reserved, 0, "now", "today", "tomorrow", "yesterday", "allballs", "epoch", "infinity", "-infinity");
        words["dst"] = new WordMeaning(DateTimeWord.DaylightModifier, 3600);
        words["t"] = new WordMeaning(DateTimeWord.IsoTime, (int)DateTimeUnit.Time);
        Units(words, (DateTimeUnit.Day, "d"), (DateTimeUnit.Hour, "h"), (DateTimeUnit.Julian, "j jd julian"), (DateTimeUnit.Month, "m"), (DateTimeUnit.Minute, "mm"),
            (DateTimeUnit.Second, "s"), (DateTimeUnit.Year, "y"), (DateTimeUnit.Other, "dow doy isodow isoyear"));
        return words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static FrozenDictionary<string, WordMeaning> MakeUnits()
    {
        var words = new Dictionary<string, WordMeaning>(StringComparer.OrdinalIgnoreCase);
        words["ago"] = new WordMeaning(DateTimeWord.Ago, 0);
        Units(words, (DateTimeUnit.Century, "c cent centuries century"), (DateTimeUnit.Day, "d day days"), (DateTimeUnit.Decade, "dec decade decades decs"),
            (DateTimeUnit.Hour, "h hour hours hr hrs"), (DateTimeUnit.Minute, "m min mins minute minutes"), (DateTimeUnit.Month, "mon mons month months"),
            (DateTimeUnit.Millennium, "mil millennia millennium mils"), (DateTimeUnit.Millisecond, "millisecon ms msec msecs msecond mseconds"),
            (DateTimeUnit.Microsecond, "microsecon us usec usecs usecond useconds"), (DateTimeUnit.Quarter, "qtr quarter"),
            (DateTimeUnit.Second, "s sec second seconds secs"), (DateTimeUnit.Week, "w week weeks"), (DateTimeUnit.Year, "y year years yr yrs"),
            (DateTimeUnit.Zone, "timezone timezone_h timezone_m"));
        return words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static void Number(Dictionary<string, WordMeaning> words, DateTimeWord kind, int first, params ReadOnlySpan<string> groups)
    {
        foreach (var group in groups)
        {
            foreach (var word in group.Split(' '))
                words[word] = new WordMeaning(kind, first);
            first++;
        }
    }

    private static void Units(Dictionary<string, WordMeaning> words, params ReadOnlySpan<(DateTimeUnit Unit, string Words)> groups)
    {
        foreach (var (unit, group) in groups)
        {
            foreach (var word in group.Split(' '))
                words[word] = new WordMeaning(DateTimeWord.Unit, (int)unit);
        }
    }
}
