using System.Text;
using Outrider.Filters;

namespace Outrider.Plugins.Agent;

/// <summary>
/// The stream filter <c>agent</c>: asks a plugin about each request. A status of −1 or below refuses it with 403, 0 and 1 let it
/// pass with the response's headers set on it, and 200–599 answer it with that status, headers and body.
/// </summary>
internal sealed class AgentFilter(AgentConfig config, IPlugin plugin, AgentFailures failures) : StreamFilter
{
    private const int LastPassing = 1;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        => !endStream && (config.SendsBody || config.SendsTrailers) ? FilterAction.WaitAllData : AskAsync(headers, null, null);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => config.SendsBody && body.Length > config.MaxBody
            ? Reply(new LocalReply(413) { Details = "agent_body_too_large" })
            : AskAsync(headers, body, trailers);

    private async ValueTask<FilterAction> AskAsync(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers)
    {
        try
        {
            var request = AgentRequest.Make(config, headers, body, trailers);
            return Act(await plugin.CallAsync(request, config.Time, Stream.Aborted), headers);
        }
        catch (PluginException e)
        {
            return Fail(e.Message, $"agent_{e.Failure.ToString().ToLowerInvariant()}");
        }
        catch (OperationCanceledException)
        {
            // The client has gone; there is nobody to answer.
            return FilterAction.Terminate;
        }
    }

    private FilterAction Act(PluginResponse response, RequestHeaders headers)
    {
        try
        {
            switch (response.Status)
            {
                case < 0:
                    return Reply(new LocalReply(403) { Details = "agent_refused" });
                case <= LastPassing:
                    foreach (var (name, value) in response.Header.Where(IsNotFraming))
                    {
                        SetLines(headers, name, value);
                    }

                    return FilterAction.Continue;
                case >= 200 and <= 599:
                    var reply = new LocalReply(response.Status, response.Body) { Details = "agent_answered" };
                    foreach (var (name, value) in response.Header.Where(IsNotFraming))
                    {
                        foreach (string line in value.Split('\n'))
                        {
                            _ = reply.With(name, Wire(line));
                        }
                    }

                    return Reply(reply);
                default:
                    return Fail($"plugin '{plugin.Name}' answered with status {response.Status}: wanted −1, 0, 1 or 200–599", "agent_failed");
            }
        }
        catch (ArgumentException e)
        {
            return Fail($"plugin '{plugin.Name}' answered with a header that cannot be sent: {e.Message}", "agent_failed");
        }
    }

    // No value has a line break in it, so one that has is several: a map has no other way to say two cookies.
    private static void SetLines(RequestHeaders headers, string name, string value)
    {
        string[] lines = value.Split('\n');
        headers.Set(name, Wire(lines[0]));
        foreach (string line in lines.AsSpan(1))
        {
            headers.Append(name, Wire(line));
        }
    }

    // Protobuf's text is Unicode and goes out as UTF-8; a header's text stands for bytes.
    private static string Wire(string value) => Ascii.IsValid(value) ? value : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value));

    private FilterAction Fail(string message, string details)
    {
        if (failures.Note() is { } note)
        {
            Stream.Log.Warn($"{message}{note}; the request {(config.IsOpen ? "passes" : "is refused with 503")}");
        }

        return config.IsOpen ? FilterAction.Continue : Reply(new LocalReply(503) { Details = details });
    }

    // The proxy frames its messages; a plugin that gives back all that it was given, or answers as it would over HTTP, may well say how.
    private static bool IsNotFraming(KeyValuePair<string, string> header)
        => header.Key.ToUpperInvariant() is not ("CONTENT-LENGTH" or "TRAILER") && !HeaderSyntax.IsConnections(Encoding.UTF8.GetBytes(header.Key));
}
