using Chitin.Core;

namespace Chitin.Protocol.Backend;

/// <summary>An error with all fields that it has (https://www.postgresql.org/docs/15/protocol-error-fields.html). File, line and routine are never sent: they would tell about the inside.</summary>
public readonly record struct ErrorResponse(SqlException Error) : IBackendMessage
{
    public static BackendCode Code => BackendCode.ErrorResponse;

    public void WriteBody(WireWriter writer)
    {
        var severity = Error.IsFatal ? "FATAL" : "ERROR";
        Field(writer, 'S', severity);
        Field(writer, 'V', severity);
        Field(writer, 'C', Error.State.Code);
        Field(writer, 'M', Error.Message);
        Field(writer, 'D', Error.Detail);
        Field(writer, 'H', Error.Hint);
        if (Error.Position > 0)
            Field(writer, 'P', Error.Position.ToString());
        Field(writer, 'W', Error.Where);
        Field(writer, 's', Error.SchemaName);
        Field(writer, 't', Error.TableName);
        Field(writer, 'c', Error.ColumnName);
        Field(writer, 'd', Error.DataTypeName);
        Field(writer, 'n', Error.ConstraintName);
        writer.WriteByte(0);
    }

    internal static void Field(WireWriter writer, char code, string? value)
    {
        if (value is null)
            return;
        writer.WriteByte((byte)code);
        writer.WriteCString(value);
    }
}

public readonly record struct NoticeResponse(SqlNotice Notice) : IBackendMessage
{
    public static BackendCode Code => BackendCode.NoticeResponse;

    public void WriteBody(WireWriter writer)
    {
        ErrorResponse.Field(writer, 'S', Notice.Severity);
        ErrorResponse.Field(writer, 'V', Notice.Severity);
        ErrorResponse.Field(writer, 'C', Notice.State.Code);
        ErrorResponse.Field(writer, 'M', Notice.Message);
        ErrorResponse.Field(writer, 'D', Notice.Detail);
        ErrorResponse.Field(writer, 'H', Notice.Hint);
        writer.WriteByte(0);
    }
}
