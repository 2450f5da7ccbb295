using System.Text;
using Chitin.Core;
using Microsoft.AspNetCore.Http;

namespace Chitin.Server.Http;

/// <summary>What the HTTPS port serves without a login (SECURITY-SPEC 8): /health, /_status/vars. Everything else is 404.</summary>
internal sealed class HttpPages(MetricsPage metrics, Func<bool> isReady)
{
    public async Task ServeAsync(HttpContext context)
    {
        await WorkerThread.SwitchAsync();
        await AnswerAsync(context);
    }

    private Task AnswerAsync(HttpContext context)
    {
        SetSecurityHeaders(context.Response.Headers);
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed, "text/plain; charset=utf-8", "method not allowed\n");
        }

        switch (request.Path.Value)
        {
            case "/health" or "/health/":
                return HealthAsync(context);
            case "/_status/vars" or "/_status/vars/":
                return AnswerAsync(context, StatusCodes.Status200OK, "text/plain; version=0.0.4; charset=utf-8", metrics.Write());
            default:
                return AnswerAsync(context, StatusCodes.Status404NotFound, "text/plain; charset=utf-8", "not found\n");
        }
    }

    /// <summary>Alive; with ready=1 also whether the node takes clients (503 while it does not).</summary>
    private Task HealthAsync(HttpContext context)
    {
        var asksReady = context.Request.Query.TryGetValue("ready", out var ready) && ready.Count == 1 && ready[0] is "1" or "true";
        return asksReady && !isReady()
            ? AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "application/json", "{\"error\":\"node is not accepting clients\"}\n")
            : AnswerAsync(context, StatusCodes.Status200OK, "application/json", "{}\n");
    }

    private static Task AnswerAsync(HttpContext context, int status, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, 0, bytes.Length, context.RequestAborted);
    }

    private static void SetSecurityHeaders(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
