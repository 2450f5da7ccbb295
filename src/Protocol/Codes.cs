namespace Chitin.Protocol;

/// <summary>First bytes of frontend messages (https://www.postgresql.org/docs/15/protocol-message-formats.html).</summary>
public enum FrontendCode : byte
{
    Bind = (byte)'B',
    Close = (byte)'C',
    CopyData = (byte)'d',
    CopyDone = (byte)'c',
    CopyFail = (byte)'f',
    Describe = (byte)'D',
    Execute = (byte)'E',
    Flush = (byte)'H',
    FunctionCall = (byte)'F',
    Parse = (byte)'P',

    /// <summary>PasswordMessage, SASLInitialResponse, SASLResponse and GSSResponse share it: the state of the login tells which.</summary>
    Password = (byte)'p',
    Query = (byte)'Q',
    Sync = (byte)'S',
    Terminate = (byte)'X',
}

/// <summary>First bytes of backend messages.</summary>
public enum BackendCode : byte
{
    Authentication = (byte)'R',
    BackendKeyData = (byte)'K',
    BindComplete = (byte)'2',
    CloseComplete = (byte)'3',
    CommandComplete = (byte)'C',
    CopyData = (byte)'d',
    CopyDone = (byte)'c',
    CopyInResponse = (byte)'G',
    CopyOutResponse = (byte)'H',
    DataRow = (byte)'D',
    EmptyQueryResponse = (byte)'I',
    ErrorResponse = (byte)'E',
    NegotiateProtocolVersion = (byte)'v',
    NoData = (byte)'n',
    NoticeResponse = (byte)'N',
    NotificationResponse = (byte)'A',
    ParameterDescription = (byte)'t',
    ParameterStatus = (byte)'S',
    ParseComplete = (byte)'1',
    PortalSuspended = (byte)'s',
    ReadyForQuery = (byte)'Z',
    RowDescription = (byte)'T',
}

/// <summary>Text or binary, for parameters, results and COPY.</summary>
public enum WireFormat : short { Text = 0, Binary = 1 }

/// <summary>What Describe and Close name.</summary>
public enum DescribeTarget : byte { Statement = (byte)'S', Portal = (byte)'P' }

/// <summary>ReadyForQuery's status byte.</summary>
public enum TransactionStatus : byte { Idle = (byte)'I', InTransaction = (byte)'T', Failed = (byte)'E' }

/// <summary>Version and request numbers at the head of a startup packet.</summary>
public static class ProtocolNumbers
{
    public const int Version3 = 3 << 16;
    public const int Cancel = (1234 << 16) | 5678;
    public const int Ssl = (1234 << 16) | 5679;
    public const int GssEncryption = (1234 << 16) | 5680;
}
