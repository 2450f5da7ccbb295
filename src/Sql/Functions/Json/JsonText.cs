using Chitin.Core.Types;

namespace Chitin.Sql.Functions.Json;

/// <summary>
/// A place in a json value's text. json keeps its text as written, so that parts are cut out and not rebuilt. The text is known to be valid: it was checked when the value was made.
/// </summary>
readonly ref struct JsonText(ReadOnlySpan<char> text)
{
    readonly ReadOnlySpan<char> _text = text.Trim(" \t\n\r");

    internal ReadOnlySpan<char> Text => _text;

    internal JsonKind Kind => _text[0] switch
    {
        '{' => JsonKind.Object,
        '[' => JsonKind.Array,
        '"' => JsonKind.String,
        't' or 'f' => JsonKind.Boolean,
        'n' => JsonKind.Null,
        _ => JsonKind.Number,
    };

    /// <summary>The text form of ->>: strings without quotes, null as NULL, all else as written.</summary>
    internal string? AsText() => Kind switch
    {
        JsonKind.Null => null,
        JsonKind.String => Unescape(_text),
        _ => _text.ToString(),
    };

    internal static string Unescape(ReadOnlySpan<char> quoted) => quoted.Contains('\\') ? JsonbValue.Parse(quoted).Text! : quoted[1..^1].ToString();

    public Parts GetEnumerator() => new(_text);

    internal int Count()
    {
        var count = 0;
        foreach (var _ in this)
            count++;
        return count;
    }

    /// <summary>The last member with this key.</summary>
    internal JsonText Field(string key, out bool found)
    {
        var result = default(JsonText);
        found = false;
        if (Kind == JsonKind.Object)
        {
            foreach (var part in this)
            {
                if (!part.KeyIs(key))
                    continue;
                result = new JsonText(part.Value);
                found = true;
            }
        }

        return result;
    }

    internal JsonText Element(int index, out bool found)
    {
        found = false;
        if (Kind != JsonKind.Array)
            return default;
        if (index < 0)
            index += Count();
        if (index < 0)
            return default;
        foreach (var part in this)
        {
            if (index-- > 0)
                continue;
            found = true;
            return new JsonText(part.Value);
        }

        return default;
    }

    internal readonly ref struct Part(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        internal ReadOnlySpan<char> Value { get; } = value;

        readonly ReadOnlySpan<char> _key = key;

        internal string Key => Unescape(_key);

        internal bool KeyIs(string name) => _key.Contains('\\') ? Key == name : _key[1..^1].SequenceEqual(name);
    }

    /// <summary>Walks the members of an object or the elements of an array.</summary>
    internal ref struct Parts(ReadOnlySpan<char> text)
    {
        readonly ReadOnlySpan<char> _text = text;
        readonly bool _isObject = text[0] == '{';
        int _at = 1;

        public Part Current { get; private set; }

        public bool MoveNext()
        {
            SkipSpace();
            if (_text[_at] == ',')
            {
                _at++;
                SkipSpace();
            }

            if (_text[_at] is '}' or ']')
                return false;
            ReadOnlySpan<char> key = default;
            if (_isObject)
            {
                key = Take();
                SkipSpace();
                _at++;
                SkipSpace();
            }

            Current = new Part(key, Take());
            return true;
        }

        void SkipSpace()
        {
            while (_text[_at] is ' ' or '\t' or '\n' or '\r')
                _at++;
        }

        ReadOnlySpan<char> Take()
        {
            var start = _at;
            var depth = 0;
            do
            {
                switch (_text[_at])
                {
                    case '{' or '[':
                        depth++;
                        _at++;
                        break;
                    case '}' or ']':
                        depth--;
                        _at++;
                        break;
                    case '"':
                        SkipString();
                        break;
                    default:
                        _at++;
                        if (depth == 0)
                            while (_at < _text.Length && _text[_at] is not (',' or '}' or ']' or ' ' or '\t' or '\n' or '\r'))
                                _at++;
                        break;
                }
            }
            while (depth > 0);
            return _text[start.._at];
        }

        void SkipString()
        {
            for (_at++; _text[_at] != '"'; _at++)
                if (_text[_at] == '\\')
                    _at++;
            _at++;
        }
    }
}
