using System.Globalization;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Tells what it knows of its stream, in the response's headers and at <c>/tell</c>.</summary>
[StreamFilter("tell")]
public sealed class TellFilter(string text) : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        switch (headers.PathString)
        {
            case "/tell":
                return Reply(new LocalReply(200, Describe(headers)) { Details = "told" }.With("x-own", "1"));
            case "/streamed":
                return FilterAction.Reply(new StreamedReply(201, async writer =>
                {
                    for (int i = 0; i < 100; i++)
                    {
                        await writer.WriteAsync(System.Text.Encoding.ASCII.GetBytes(new string((char)('a' + (i % 26)), 50_000)));
                        await Task.Yield();
                    }
                }).With("x-streamed", "yes"));
            case "/callout":
                var answer = await Stream.CalloutAsync(new Callout(headers.GetString("x-cluster") ?? "up", "POST", "/asked") { Body = "question"u8.ToArray() }.With("x-question", "yes"), Stream.Aborted);
                return Reply(answer.Status, $"{answer.GetHeader("x-upstream")} {answer.Text}");
            case "/failed-callout":
                try
                {
                    await Stream.CalloutAsync(new Callout("none", "GET", "/"));
                    return Reply(200);
                }
                catch (CalloutException e)
                {
                    return Reply(502, e.Message);
                }

            case "/rematch":
                headers.Set("x-route", "other");
                return FilterAction.ReMatchRoute;
            default:
                Stream.Metadata.Set("tell", "text", "t");
                Stream.Metadata.Set("tell", "number", 7.5);
                Stream.Metadata.Set("tell", "flag", true);
                if (Stream.GetFilterState("tell.state") is null)
                {
                    Stream.SetFilterState("tell.state", "state"u8);
                }

                return FilterAction.Continue;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        headers.Set("x-told", string.Create(CultureInfo.InvariantCulture,
            $"local={Stream.IsLocalReply} route={Stream.Route?.Name} cluster={Stream.ClusterName} text={Stream.Metadata.GetText("tell", "text")} number={Stream.Metadata.GetNumber("tell", "number")} flag={Stream.Metadata.GetFlag("tell", "flag")} state={System.Text.Encoding.ASCII.GetString(Stream.GetFilterState("tell.state") ?? [])} config={text}"));
        headers.Set("x-route-config", Stream.RouteConfiguration as string ?? "none");
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override bool OnLocalReply(int status, string details) => status != 418;

    /// <inheritdoc/>
    public override void OnLog()
        => Stream.Log.Warn($"logged {Stream.ResponseCode} {Stream.RequestHeaders.PathString} {Stream.UpstreamHost} {Stream.BytesSent} {Stream.ResponseFlags}");

    private string Describe(RequestHeaders headers)
    {
        var lines = new List<string>
        {
            $"method {headers.MethodString}",
            $"authority {headers.AuthorityString}",
            $"scheme {System.Text.Encoding.ASCII.GetString(headers.Scheme)}",
            $"protocol {Stream.Protocol}",
            $"remote {Stream.DownstreamRemoteAddress}",
            $"local {Stream.DownstreamLocalAddress}",
            $"port {Stream.GetAttributeNumber("destination.port")}",
            $"tls {Stream.GetAttribute("connection.tls_version")}",
            $"count {headers.Count}",
        };
        foreach (var field in headers)
        {
            lines.Add(field.ToString());
        }

        return string.Join('\n', lines) + "\n";
    }
}
