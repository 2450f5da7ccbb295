using Chitin.Protocol;
using Chitin.Protocol.Frontend;

namespace Chitin.UnitTests.Protocol;

/// <summary>Decodes a message of any kind and walks everything in it.</summary>
internal static class FrontendDecoder
{
    public static void Decode(FrontendCode code, ReadOnlySpan<byte> body)
    {
        switch (code)
        {
            case FrontendCode.Query:
                Query.Read(body);
                break;
            case FrontendCode.Parse:
                var parse = Parse.Read(body);
                for (var i = 0; i < parse.ParameterTypes.Count; i++)
                    _ = parse.ParameterTypes[i];
                break;
            case FrontendCode.Bind:
                Walk(Bind.Read(body));
                break;
            case FrontendCode.Describe:
                Describe.Read(body);
                break;
            case FrontendCode.Close:
                Close.Read(body);
                break;
            case FrontendCode.Execute:
                Execute.Read(body);
                break;
            case FrontendCode.CopyFail:
                CopyFail.Read(body);
                break;
            case FrontendCode.Password:
                PasswordMessage.Read(body);
                break;
            case FrontendCode.Sync or FrontendCode.Flush or FrontendCode.CopyDone or FrontendCode.Terminate:
                EmptyMessage.Read(body);
                break;
        }
    }

    private static void Walk(Bind bind)
    {
        var values = new WireValueReader(bind.Values);
        for (var i = 0; i < bind.ParameterCount; i++)
        {
            _ = bind.ParameterFormats[i];
            values.TryReadNext(out _);
        }

        for (var i = 0; i < bind.ResultFormats.Count; i++)
            _ = bind.ResultFormats[i];
    }
}
