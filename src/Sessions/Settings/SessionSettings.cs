using System.Text;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Sessions.Settings;

/// <summary>
/// The values of one session's parameters, with PostgreSQL's rules for transactions: a SET is undone when its transaction (or the savepoint around it) rolls back,
/// a SET LOCAL ends with its transaction.
/// </summary>
/// <remarks>Three layers: defaults (server, role, startup packet), what the session has set, and what counts now. Used by one session at a time.</remarks>
public sealed class SessionSettings
{
    private const int MaxCustom = 1000;

    private static readonly SettingValue[] s_defaults = [.. SettingTable.All.Select(d => SettingParser.Parse(d, d.Default))];

    private SettingValue[] _defaults = s_defaults;
    private SettingValue[] _session = s_defaults;
    private SettingValue[] _current = s_defaults;
    private ImmutableDictionary<string, string> _customSession = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
    private ImmutableDictionary<string, string> _customCurrent = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
    private State? _atTransactionStart;
    private FormatSettings? _format;

    /// <summary>Rises with every change, so that what is derived from settings can be kept until then.</summary>
    public int Version { get; private set; } = 1;

    public SettingValue this[SettingDefinition definition] => _current[definition.Index];

    /// <summary>What text forms depend on; NowMicroseconds is left to the caller.</summary>
    public FormatSettings Format => _format ??= MakeFormat();

    /// <summary>The value as SHOW prints it; null when there is no such parameter.</summary>
    public string? Get(string name) =>
        SettingTable.Find(name) is { } definition ? _current[definition.Index].Text : _customCurrent.GetValueOrDefault(name);

    public SettingValue GetValue(string name) => _current[(SettingTable.Find(name) ?? throw SettingErrors.Unknown(name)).Index];

    public long GetNumber(SettingDefinition definition) => _current[definition.Index].Number;

    /// <summary>SET or SET LOCAL. A null value is DEFAULT.</summary>
    public void Set(string name, string? value, bool local)
    {
        if (SettingTable.Find(name) is not { } definition)
        {
            SetCustom(name, value, local);
            return;
        }

        if (definition.IsReadOnly)
            throw SettingErrors.CannotChange(definition.Name);
        Put(definition, value is null ? _defaults[definition.Index] : Parse(definition, value), local);
    }

    /// <summary>For facts that the session itself keeps in step (is_superuser, session_authorization, role).</summary>
    internal void SetFact(string name, string value) => Put(SettingTable.Find(name)!, new SettingValue(value, 0), false);

    /// <summary>Makes a value the session's default: role settings and the startup packet.</summary>
    public void SetDefault(string name, string value)
    {
        if (SettingTable.Find(name) is not { } definition)
        {
            SetCustom(name, value, false);
            return;
        }

        if (definition.IsReadOnly)
            throw SettingErrors.CannotChange(definition.Name);
        var parsed = Parse(definition, value);
        _defaults = [.. _defaults];
        _defaults[definition.Index] = parsed;
        Put(definition, _defaults[definition.Index], false);
    }

    /// <summary>RESET ALL: everything but facts goes back to its default.</summary>
    public void ResetAll()
    {
        (_session, _current) = ([.. _session], [.. _current]);
        foreach (var definition in SettingTable.All)
        {
            if (!definition.IsReadOnly && definition.Name is not ("transaction_isolation" or "transaction_read_only" or "transaction_deferrable"))
                _session[definition.Index] = _current[definition.Index] = _defaults[definition.Index];
        }

        _customSession = _customCurrent = _customCurrent.Clear();
        Changed();
    }

    /// <summary>Remembers the values to which a rollback returns.</summary>
    public void BeginTransaction() => _atTransactionStart = Capture();

    /// <summary>What SET LOCAL changed ends here.</summary>
    public void Commit()
    {
        if (_atTransactionStart is { } start && (!ReferenceEquals(start.Session, _session) || !ReferenceEquals(start.Current, _current) || !ReferenceEquals(_customCurrent, _customSession)))
        {
            _current = [.. _session];
            _customCurrent = _customSession;
            Changed();
        }

        _atTransactionStart = null;
    }

    public void Rollback()
    {
        if (_atTransactionStart is { } start)
            Restore(start);
        _atTransactionStart = null;
    }

    internal State Capture() => new(_session, _current, _customSession, _customCurrent);

    internal void Restore(State state)
    {
        if (ReferenceEquals(state.Session, _session) && ReferenceEquals(state.Current, _current) && ReferenceEquals(state.CustomCurrent, _customCurrent) && ReferenceEquals(state.CustomSession, _customSession))
            return;
        (_session, _current, _customSession, _customCurrent) = (state.Session, state.Current, state.CustomSession, state.CustomCurrent);
        Changed();
    }

    /// <summary>The elements of a list such as search_path: names folded unless quoted. 22023 when it cannot be read.</summary>
    public static ImmutableArray<string> SplitList(string name, string text)
    {
        var items = ImmutableArray.CreateBuilder<string>();
        var position = 0;
        while (true)
        {
            while (position < text.Length && char.IsWhiteSpace(text[position]))
                position++;
            if (position == text.Length && items.Count == 0)
                return [];
            items.Add(ReadItem(name, text, ref position));
            while (position < text.Length && char.IsWhiteSpace(text[position]))
                position++;
            if (position == text.Length)
                return items.ToImmutable();
            if (text[position++] != ',')
                throw SettingErrors.InvalidValue(name, text);
        }
    }

    private static string ReadItem(string name, string text, ref int position)
    {
        if (position < text.Length && text[position] == '"')
        {
            var item = new StringBuilder();
            for (position++; position < text.Length; position++)
            {
                if (text[position] != '"')
                    item.Append(text[position]);
                else if (position + 1 < text.Length && text[position + 1] == '"')
                    item.Append(text[position++]);
                else
                {
                    position++;
                    return item.ToString();
                }
            }

            throw SettingErrors.InvalidValue(name, text);
        }

        var start = position;
        while (position < text.Length && text[position] != ',' && !char.IsWhiteSpace(text[position]))
            position++;
        return position > start ? text[start..position].ToLowerInvariant() : throw SettingErrors.InvalidValue(name, text);
    }

    private static SettingValue Parse(SettingDefinition definition, string value)
    {
        var parsed = SettingParser.Parse(definition, value);
        if (definition.Kind == SettingKind.List)
            SplitList(definition.Name, parsed.Text);
        if (definition.Name == "standard_conforming_strings" && parsed.Number == 0)
            throw new SqlException(SqlState.InvalidParameterValue, "invalid value for parameter \"standard_conforming_strings\": \"off\"") { Hint = "Backslashes in '...' strings are always literal; write E'...' where escapes are meant." };
        return parsed;
    }

    private void SetCustom(string name, string? value, bool local)
    {
        if (!name.Contains('.', StringComparison.Ordinal))
            throw SettingErrors.Unknown(name);
        foreach (var part in name.Split('.'))
        {
            if (part.Length == 0 || char.IsAsciiDigit(part[0]) || part.Any(c => !char.IsLetterOrDigit(c) && c is not ('_' or '$')))
                throw SettingErrors.InvalidName(name);
        }

        if (_customCurrent.Count >= MaxCustom && !_customCurrent.ContainsKey(name))
            throw new SqlException(SqlState.ConfigurationLimitExceeded, "too many custom configuration parameters");
        _customCurrent = value is null ? _customCurrent.Remove(name) : _customCurrent.SetItem(name, value);
        if (!local)
            _customSession = value is null ? _customSession.Remove(name) : _customSession.SetItem(name, value);
        Changed();
    }

    private void Put(SettingDefinition definition, SettingValue value, bool local)
    {
        // Arrays are replaced, never changed in place, so that captured states stay as they are.
        _current = [.. _current];
        _current[definition.Index] = value;
        if (!local)
        {
            _session = [.. _session];
            _session[definition.Index] = value;
        }

        Changed();
    }

    private void Changed()
    {
        Version++;
        _format = null;
    }

    private FormatSettings MakeFormat()
    {
        var (style, order) = DateStyles.Parse(Get("DateStyle")!);
        if (!TimeZoneNames.TryFind(Get("TimeZone")!, out var zoneName, out var zone))
            (zoneName, zone) = ("UTC", TimeZoneInfo.Utc);
        return new FormatSettings
        {
            DateStyle = style,
            DateOrder = order,
            TimeZone = zone,
            TimeZoneName = zoneName,
            IntervalStyle = Get("IntervalStyle") switch
            {
                "postgres_verbose" => IntervalStyle.PostgresVerbose,
                "sql_standard" => IntervalStyle.SqlStandard,
                "iso_8601" => IntervalStyle.Iso8601,
                _ => IntervalStyle.Postgres,
            },
            ExtraFloatDigits = (int)GetValue("extra_float_digits").Number,
            ByteaEscape = Get("bytea_output") == "escape",
        };
    }

    /// <summary>Values at one moment.</summary>
    internal sealed record State(SettingValue[] Session, SettingValue[] Current, ImmutableDictionary<string, string> CustomSession, ImmutableDictionary<string, string> CustomCurrent);
}
