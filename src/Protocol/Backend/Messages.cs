using Chitin.Core;

namespace Chitin.Protocol.Backend;

public readonly record struct AuthenticationOk : IBackendMessage
{
    public static BackendCode Code => BackendCode.Authentication;

    public void WriteBody(WireWriter writer) => writer.WriteInt32(0);
}

public readonly record struct AuthenticationCleartextPassword : IBackendMessage
{
    public static BackendCode Code => BackendCode.Authentication;

    public void WriteBody(WireWriter writer) => writer.WriteInt32(3);
}

/// <summary>The SASL mechanisms offered, in the server's order of preference.</summary>
public readonly record struct AuthenticationSasl(ImmutableArray<string> Mechanisms) : IBackendMessage
{
    public static BackendCode Code => BackendCode.Authentication;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt32(10);
        foreach (var mechanism in Mechanisms)
            writer.WriteCString(mechanism);
        writer.WriteByte(0);
    }
}

public readonly record struct AuthenticationSaslContinue(ReadOnlyMemory<byte> Data) : IBackendMessage
{
    public static BackendCode Code => BackendCode.Authentication;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt32(11);
        writer.WriteBytes(Data.Span);
    }
}

public readonly record struct AuthenticationSaslFinal(ReadOnlyMemory<byte> Data) : IBackendMessage
{
    public static BackendCode Code => BackendCode.Authentication;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt32(12);
        writer.WriteBytes(Data.Span);
    }
}

/// <summary>What a client must show to cancel. The secret has no text form.</summary>
public readonly record struct BackendKeyData(int ProcessId, int Secret) : IBackendMessage
{
    public static BackendCode Code => BackendCode.BackendKeyData;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt32(ProcessId);
        writer.WriteInt32(Secret);
    }

    public override string ToString() => $"BackendKeyData {ProcessId}";
}

public readonly record struct ParameterStatus(string Name, string Value) : IBackendMessage
{
    public static BackendCode Code => BackendCode.ParameterStatus;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteCString(Name);
        writer.WriteCString(Value);
    }
}

public readonly record struct ReadyForQuery(TransactionStatus Status) : IBackendMessage
{
    public static BackendCode Code => BackendCode.ReadyForQuery;

    public void WriteBody(WireWriter writer) => writer.WriteByte((byte)Status);
}

/// <summary>The newest version that the server speaks, and the extensions that it does not know.</summary>
public readonly record struct NegotiateProtocolVersion(int Version, IReadOnlyList<string> UnknownExtensions) : IBackendMessage
{
    public static BackendCode Code => BackendCode.NegotiateProtocolVersion;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt32(Version);
        writer.WriteInt32(UnknownExtensions.Count);
        foreach (var extension in UnknownExtensions)
            writer.WriteCString(extension);
    }
}

public readonly record struct CommandComplete(string Tag) : IBackendMessage
{
    public static BackendCode Code => BackendCode.CommandComplete;

    public void WriteBody(WireWriter writer) => writer.WriteCString(Tag);
}

/// <summary>CopyInResponse (server wants data) and CopyOutResponse (data follows) share a layout.</summary>
public readonly record struct CopyInResponse(WireFormat Format, int Columns) : IBackendMessage
{
    public static BackendCode Code => BackendCode.CopyInResponse;

    public void WriteBody(WireWriter writer) => WriteCopy(writer, Format, Columns);

    internal static void WriteCopy(WireWriter writer, WireFormat format, int columns)
    {
        writer.WriteByte((byte)format);
        writer.WriteInt16((short)columns);
        for (var i = 0; i < columns; i++)
            writer.WriteInt16((short)format);
    }
}

public readonly record struct CopyOutResponse(WireFormat Format, int Columns) : IBackendMessage
{
    public static BackendCode Code => BackendCode.CopyOutResponse;

    public void WriteBody(WireWriter writer) => CopyInResponse.WriteCopy(writer, Format, Columns);
}

public readonly record struct NotificationResponse(int ProcessId, string Channel, string Payload) : IBackendMessage
{
    public static BackendCode Code => BackendCode.NotificationResponse;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt32(ProcessId);
        writer.WriteCString(Channel);
        writer.WriteCString(Payload);
    }
}

public readonly record struct ParameterDescription(ImmutableArray<uint> Types) : IBackendMessage
{
    public static BackendCode Code => BackendCode.ParameterDescription;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt16((short)Types.Length);
        foreach (var type in Types)
            writer.WriteInt32((int)type);
    }
}

/// <summary>One column of a RowDescription.</summary>
public readonly record struct FieldDescription(string Name, uint TableOid, short ColumnNumber, uint TypeOid, short TypeLength, int TypeModifier, WireFormat Format)
{
    public void Write(WireWriter writer)
    {
        writer.WriteCString(Name);
        writer.WriteInt32((int)TableOid);
        writer.WriteInt16(ColumnNumber);
        writer.WriteInt32((int)TypeOid);
        writer.WriteInt16(TypeLength);
        writer.WriteInt32(TypeModifier);
        writer.WriteInt16((short)Format);
    }
}

public readonly record struct RowDescription(IReadOnlyList<FieldDescription> Fields) : IBackendMessage
{
    public static BackendCode Code => BackendCode.RowDescription;

    public void WriteBody(WireWriter writer)
    {
        writer.WriteInt16((short)Fields.Count);
        for (var i = 0; i < Fields.Count; i++)
            Fields[i].Write(writer);
    }
}
