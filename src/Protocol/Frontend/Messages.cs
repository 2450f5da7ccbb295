namespace Chitin.Protocol.Frontend;

// Texts and names stay the UTF-8 bytes that were received: a statement that is already known is found by them, without making a string.
// The spans live as long as the receive buffer does.

/// <summary>Query: one or more statements.</summary>
public readonly ref struct Query
{
    private Query(ReadOnlySpan<byte> text) => Text = text;

    public ReadOnlySpan<byte> Text { get; }

    public static Query Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var message = new Query(reader.ReadCString());
        reader.RequireEnd();
        return message;
    }
}

/// <summary>Parse: a statement and, for a prefix of its parameters, their types.</summary>
public readonly ref struct Parse
{
    private Parse(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, ReadOnlySpan<byte> types)
    {
        Name = name;
        Text = text;
        ParameterTypes = new WireInt32List(types);
    }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Type OIDs; 0 = to be inferred.</summary>
    public WireInt32List ParameterTypes { get; }

    public static Parse Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var name = reader.ReadCString();
        var text = reader.ReadCString();
        var types = reader.ReadBytes(4 * reader.ReadCount());
        reader.RequireEnd();
        return new Parse(name, text, types);
    }
}

/// <summary>Bind: makes a portal of a statement and parameter values.</summary>
public readonly ref struct Bind
{
    private Bind(ReadOnlySpan<byte> portal, ReadOnlySpan<byte> statement, WireFormatList formats, ReadOnlySpan<byte> values, int count, WireFormatList resultFormats)
    {
        Portal = portal;
        Statement = statement;
        ParameterFormats = formats;
        Values = values;
        ParameterCount = count;
        ResultFormats = resultFormats;
    }

    public ReadOnlySpan<byte> Portal { get; }

    public ReadOnlySpan<byte> Statement { get; }

    public WireFormatList ParameterFormats { get; }

    public int ParameterCount { get; }

    /// <summary>The values as sent, checked; walk them with <see cref="WireValueReader"/>.</summary>
    public ReadOnlySpan<byte> Values { get; }

    public WireFormatList ResultFormats { get; }

    public static Bind Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var portal = reader.ReadCString();
        var statement = reader.ReadCString();
        var formats = WireFormatList.Read(ref reader);
        var count = reader.ReadCount();
        if (formats.Count > 1 && formats.Count != count)
            throw ProtocolErrors.Violation($"bind message has {formats.Count} parameter formats but {count} parameters");
        var values = ReadValues(ref reader, count);
        var resultFormats = WireFormatList.Read(ref reader);
        reader.RequireEnd();
        return new Bind(portal, statement, formats, values, count, resultFormats);
    }

    private static ReadOnlySpan<byte> ReadValues(scoped ref WireReader reader, int count)
    {
        var ahead = reader;
        for (var i = 0; i < count; i++)
        {
            var length = ahead.ReadInt32();
            if (length < -1)
                throw ProtocolErrors.InvalidFormat();
            if (length > 0)
                ahead.ReadBytes(length);
        }

        return reader.ReadBytes(reader.Remaining - ahead.Remaining);
    }
}

/// <summary>Describe a statement or a portal.</summary>
public readonly ref struct Describe
{
    private Describe(DescribeTarget target, ReadOnlySpan<byte> name)
    {
        Target = target;
        Name = name;
    }

    public DescribeTarget Target { get; }

    public ReadOnlySpan<byte> Name { get; }

    public static Describe Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var message = new Describe(ReadTarget(ref reader, "DESCRIBE"), reader.ReadCString());
        reader.RequireEnd();
        return message;
    }

    internal static DescribeTarget ReadTarget(scoped ref WireReader reader, string message) => reader.ReadByte() switch
    {
        (byte)DescribeTarget.Statement => DescribeTarget.Statement,
        (byte)DescribeTarget.Portal => DescribeTarget.Portal,
        var other => throw ProtocolErrors.Violation($"invalid {message} message subtype {other}"),
    };
}

/// <summary>Close a statement or a portal.</summary>
public readonly ref struct Close
{
    private Close(DescribeTarget target, ReadOnlySpan<byte> name)
    {
        Target = target;
        Name = name;
    }

    public DescribeTarget Target { get; }

    public ReadOnlySpan<byte> Name { get; }

    public static Close Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var message = new Close(Describe.ReadTarget(ref reader, "CLOSE"), reader.ReadCString());
        reader.RequireEnd();
        return message;
    }
}

/// <summary>Execute: rows from a portal, at most MaxRows (0 or less = all).</summary>
public readonly ref struct Execute
{
    private Execute(ReadOnlySpan<byte> portal, int maxRows)
    {
        Portal = portal;
        MaxRows = maxRows;
    }

    public ReadOnlySpan<byte> Portal { get; }

    public int MaxRows { get; }

    public static Execute Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var message = new Execute(reader.ReadCString(), reader.ReadInt32());
        reader.RequireEnd();
        return message;
    }
}

/// <summary>CopyFail: the client gives up with this reason.</summary>
public readonly ref struct CopyFail
{
    private CopyFail(ReadOnlySpan<byte> reason) => Reason = reason;

    public ReadOnlySpan<byte> Reason { get; }

    public static CopyFail Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var message = new CopyFail(reader.ReadCString());
        reader.RequireEnd();
        return message;
    }
}

/// <summary>PasswordMessage. The bytes are a secret: whoever reads them wipes them.</summary>
public readonly ref struct PasswordMessage
{
    private PasswordMessage(ReadOnlySpan<byte> password) => Password = password;

    public ReadOnlySpan<byte> Password { get; }

    public static PasswordMessage Read(ReadOnlySpan<byte> body)
    {
        // Not ReadCString: a password need not be UTF-8.
        if (body.Length == 0 || body.IndexOf((byte)0) != body.Length - 1)
            throw ProtocolErrors.Fatal("invalid password packet size");
        return new PasswordMessage(body[..^1]);
    }
}

/// <summary>SASLInitialResponse: the mechanism chosen and the client's first message.</summary>
public readonly ref struct SaslInitialResponse
{
    private SaslInitialResponse(string mechanism, ReadOnlySpan<byte> data)
    {
        Mechanism = mechanism;
        Data = data;
    }

    public string Mechanism { get; }

    public ReadOnlySpan<byte> Data { get; }

    public static SaslInitialResponse Read(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var mechanism = reader.ReadString();
        var length = reader.ReadInt32();
        if (length < -1)
            throw ProtocolErrors.InvalidFormat();
        var data = length <= 0 ? default : reader.ReadBytes(length);
        reader.RequireEnd();
        return new SaslInitialResponse(mechanism, data);
    }
}

/// <summary>Messages without a body: Sync, Flush, CopyDone, Terminate.</summary>
public static class EmptyMessage
{
    public static void Read(ReadOnlySpan<byte> body) => new WireReader(body).RequireEnd();
}
