using System.Collections.Frozen;
using Chitin.Core;

namespace Chitin.Sql.Functions.Library;

enum DateUnit : byte
{
    Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year, Decade, Century, Millennium, DayOfWeek, IsoDayOfWeek, DayOfYear, IsoYear, Epoch, Julian, TimeZone,
    TimeZoneHour, TimeZoneMinute,
}

/// <summary>The field names of extract, date_part and date_trunc with their abbreviations, in any case.</summary>
static class DateUnits
{
    static readonly FrozenDictionary<string, DateUnit> s_units = new Dictionary<string, DateUnit>
    {
        ["us"] = DateUnit.Microsecond, ["usec"] = DateUnit.Microsecond, ["usecs"] = DateUnit.Microsecond, ["usecond"] = DateUnit.Microsecond, ["useconds"] = DateUnit.Microsecond,
        ["microsecond"] = DateUnit.Microsecond, ["microseconds"] = DateUnit.Microsecond, ["microsecon"] = DateUnit.Microsecond,
        ["ms"] = DateUnit.Millisecond, ["msec"] = DateUnit.Millisecond, ["msecs"] = DateUnit.Millisecond, ["msecond"] = DateUnit.Millisecond, ["mseconds"] = DateUnit.Millisecond,
        ["millisecond"] = DateUnit.Millisecond, ["milliseconds"] = DateUnit.Millisecond, ["millisecon"] = DateUnit.Millisecond,
        ["s"] = DateUnit.Second, ["sec"] = DateUnit.Second, ["secs"] = DateUnit.Second, ["second"] = DateUnit.Second, ["seconds"] = DateUnit.Second,
        ["m"] = DateUnit.Minute, ["min"] = DateUnit.Minute, ["mins"] = DateUnit.Minute, ["minute"] = DateUnit.Minute, ["minutes"] = DateUnit.Minute,
        ["h"] = DateUnit.Hour, ["hr"] = DateUnit.Hour, ["hrs"] = DateUnit.Hour, ["hour"] = DateUnit.Hour, ["hours"] = DateUnit.Hour,
        ["d"] = DateUnit.Day, ["day"] = DateUnit.Day, ["days"] = DateUnit.Day,
        ["w"] = DateUnit.Week, ["week"] = DateUnit.Week, ["weeks"] = DateUnit.Week,
        ["mon"] = DateUnit.Month, ["mons"] = DateUnit.Month, ["month"] = DateUnit.Month, ["months"] = DateUnit.Month,
        ["qtr"] = DateUnit.Quarter, ["quarter"] = DateUnit.Quarter,
        ["y"] = DateUnit.Year, ["yr"] = DateUnit.Year, ["yrs"] = DateUnit.Year, ["year"] = DateUnit.Year, ["years"] = DateUnit.Year,
        ["dec"] = DateUnit.Decade, ["decs"] = DateUnit.Decade, ["decade"] = DateUnit.Decade, ["decades"] = DateUnit.Decade,
        ["c"] = DateUnit.Century, ["cent"] = DateUnit.Century, ["century"] = DateUnit.Century, ["centuries"] = DateUnit.Century,
        ["mil"] = DateUnit.Millennium, ["mils"] = DateUnit.Millennium, ["millennium"] = DateUnit.Millennium, ["millennia"] = DateUnit.Millennium,
        ["dow"] = DateUnit.DayOfWeek, ["isodow"] = DateUnit.IsoDayOfWeek, ["doy"] = DateUnit.DayOfYear, ["isoyear"] = DateUnit.IsoYear, ["epoch"] = DateUnit.Epoch,
        ["j"] = DateUnit.Julian, ["jd"] = DateUnit.Julian, ["julian"] = DateUnit.Julian,
        ["timezone"] = DateUnit.TimeZone, ["timezone_h"] = DateUnit.TimeZoneHour, ["timezone_hour"] = DateUnit.TimeZoneHour, ["timezone_m"] = DateUnit.TimeZoneMinute,
        ["timezone_minute"] = DateUnit.TimeZoneMinute,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    internal static DateUnit Find(string name, string type) => s_units.TryGetValue(name, out var unit) ? unit : throw Unrecognized(name, type);

    internal static SqlException Unrecognized(string name, string type) => FunctionErrors.Invalid($"unit \"{name.ToLowerInvariant()}\" not recognized for type {type}");

    internal static SqlException Unsupported(string name, string type) => FunctionErrors.NotSupported($"unit \"{name.ToLowerInvariant()}\" not supported for type {type}");
}
