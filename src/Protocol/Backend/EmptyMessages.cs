namespace Chitin.Protocol.Backend;

// Messages that are their code alone.

public readonly record struct ParseComplete : IBackendMessage
{
    public static BackendCode Code => BackendCode.ParseComplete;

    public void WriteBody(WireWriter writer)
    {
    }
}

public readonly record struct BindComplete : IBackendMessage
{
    public static BackendCode Code => BackendCode.BindComplete;

    public void WriteBody(WireWriter writer)
    {
    }
}

public readonly record struct CloseComplete : IBackendMessage
{
    public static BackendCode Code => BackendCode.CloseComplete;

    public void WriteBody(WireWriter writer)
    {
    }
}

public readonly record struct NoData : IBackendMessage
{
    public static BackendCode Code => BackendCode.NoData;

    public void WriteBody(WireWriter writer)
    {
    }
}

public readonly record struct PortalSuspended : IBackendMessage
{
    public static BackendCode Code => BackendCode.PortalSuspended;

    public void WriteBody(WireWriter writer)
    {
    }
}

public readonly record struct EmptyQueryResponse : IBackendMessage
{
    public static BackendCode Code => BackendCode.EmptyQueryResponse;

    public void WriteBody(WireWriter writer)
    {
    }
}

public readonly record struct CopyDone : IBackendMessage
{
    public static BackendCode Code => BackendCode.CopyDone;

    public void WriteBody(WireWriter writer)
    {
    }
}
