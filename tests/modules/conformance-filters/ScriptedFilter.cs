using System.Collections.Concurrent;
using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Conformance;

/// <summary>
/// Does what its request says (<c>x-do</c>), and keeps a record of every call of its life, which a later request reads
/// (<c>x-report</c>). The script is a list of <c>step:word word…</c> with commas between. Steps: <c>dh dd dt dw</c> (request: headers,
/// data, trailers, whole) and <c>eh ed et ew</c> (response). Words: <c>late</c>, <c>whole</c>, <c>reply</c>, <c>streamed</c>, <c>stop</c>,
/// <c>throw</c>, <c>append</c>, <c>drop</c>, <c>nolength</c>, <c>mark</c>, <c>rematch</c>, <c>rechoose</c>; <c>thread</c> (waits for another
/// thread), <c>upper</c>, <c>drain</c>, <c>replace</c>, <c>count</c> (what is read of a body, as the mark), <c>path</c>, <c>other</c> (path), <c>authority</c>,
/// <c>method</c>, <c>status</c>, <c>nocontent</c>, <c>tell</c> (a reply with the request's line), <c>set</c> and <c>get</c> (metadata, filter state and
/// variables), <c>attributes</c>, <c>callout</c>, <c>metric</c>, <c>write</c> (a line of the log). <c>local:stop</c> wants no local reply.
/// </summary>
[StreamFilter("scripted", JsonContext = typeof(ScriptedJson))]
public sealed class ScriptedFilter(ScriptedConfig config) : StreamFilter
{
    private static readonly ConcurrentDictionary<string, string> s_lives = new();

    private readonly Dictionary<string, string[]> _script = [];
    private readonly StringBuilder _life = new();
    private string? _case;
    private string _last = "";

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.TryGetValue("x-report"u8, out var asked))
        {
            return FilterAction.Reply(200, s_lives.GetValueOrDefault(Encoding.ASCII.GetString(asked), "not yet"));
        }

        if (headers.TryGetValue("x-case"u8, out var name))
        {
            _case = Encoding.ASCII.GetString(name);
        }

        if (headers.TryGetValue("x-do"u8, out var text))
        {
            foreach (string part in Encoding.ASCII.GetString(text).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                string[] step = part.Split(':');
                _script[step[0]] = step[1].Split(' ');
            }
        }

        return StepAsync("dh", endStream, headers, null);
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream) => StepAsync("dd", endStream, null, data);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => StepAsync("dt", true, trailers, body);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => StepAsync(trailers is null ? "dw" : "dwt", true, headers, body);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        => _case is null ? FilterAction.Continue : StepAsync("eh" + (headers.Status == 200 ? "" : headers.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)), endStream, headers, null);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => _case is null ? FilterAction.Continue : StepAsync("ed", endStream, null, data);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => StepAsync("et", true, trailers, body);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => StepAsync(trailers is null ? "ew" : "ewt", true, headers, body);

    /// <inheritdoc/>
    public override bool OnLocalReply(int status, string details)
    {
        Note("local" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), false);
        return !_script.ContainsKey("local");
    }

    /// <inheritdoc/>
    public override void OnLog() => Note("log", false);

    /// <inheritdoc/>
    public override void OnDestroy()
    {
        Note("destroy", false);
        if (_case is not null)
        {
            s_lives[_case] = _life.ToString();
        }
    }

    private async ValueTask<FilterAction> StepAsync(string step, bool endStream, HeaderMap? headers, BodyBuffer? body)
    {
        Note(step, endStream);
        if (!_script.TryGetValue(step[..2], out string[]? words))
        {
            return FilterAction.Continue;
        }

        foreach (string word in words)
        {
            switch (word)
            {
                case "late":
                    await Task.Delay(1);
                    break;
                case "mark":
                    headers!.Set("x-mark"u8, Encoding.ASCII.GetBytes(step));
                    break;
                case "nolength":
                    headers!.Remove("content-length"u8);
                    break;
                case "append" when endStream:
                    body!.Append("+more"u8);
                    break;
                case "drop":
                    body!.Drain(body.Length);
                    break;
                case "thread":
                    await Task.Run(static () => Thread.Yield());
                    break;
                case "upper":
                    body!.Replace(Encoding.UTF8.GetBytes(body.ToString()!.ToUpperInvariant()));
                    break;
                case "drain":
                    body!.Drain(2);
                    break;
                case "replace":
                    body!.Replace("another"u8);
                    break;
                case "count":
                    headers!.Set("x-mark"u8, Encoding.ASCII.GetBytes($"{body!.Length} {Slices(body)}"));
                    break;
                case "path":
                    ((RequestHeaders)headers!).Path = "/chunked?x=1"u8;
                    break;
                case "other":
                    ((RequestHeaders)headers!).Path = "/other"u8;
                    break;
                case "authority":
                    ((RequestHeaders)headers!).Authority = "b.example"u8;
                    break;
                case "method":
                    ((RequestHeaders)headers!).Method = "PUT"u8;
                    break;
                case "status":
                    ((ResponseHeaders)headers!).Status = 201;
                    break;
                case "nocontent":
                    ((ResponseHeaders)headers!).Status = 204;
                    break;
                case "tell":
                    return FilterAction.Reply(200, Line((RequestHeaders)headers!));
                case "set":
                    Set();
                    break;
                case "get":
                    headers!.Set("x-mark"u8, Encoding.ASCII.GetBytes(Get()));
                    break;
                case "attributes":
                    headers!.Set("x-mark"u8, Encoding.ASCII.GetBytes(
                        $"{Stream.GetAttribute("request.method")} {Stream.GetAttribute("request.path")} {Stream.GetAttribute("request.host")} {Stream.GetAttribute("request.protocol")} {Stream.GetAttributeNumber("response.code")}"));
                    break;
                case "callout":
                    var answer = await Stream.CalloutAsync(new Callout("up", "POST", "/callout") { Body = "asked"u8.ToArray() }.With("x-asked", "1"));
                    headers!.Set("x-mark"u8, Encoding.ASCII.GetBytes($"{answer.Status} {answer.Text}"));
                    break;
                case "metric":
                    config.Steps.Add(1, step);
                    break;
                case "write":
                    Stream.Log.Warn($"the script of {_case} says so");
                    break;
                case "throw":
                    throw new InvalidOperationException("the script says so");
                case "whole":
                    return FilterAction.WaitAllData;
                case "stop":
                    return FilterAction.Terminate;
                case "rematch":
                    return FilterAction.ReMatchRoute;
                case "rechoose":
                    return FilterAction.ReChooseHost;
                case "reply":
                    return FilterAction.Reply(new LocalReply(403, "from " + step[..2]).With("x-mark", "reply"));
                case "streamed":
                    return FilterAction.Reply(new StreamedReply(200, static async writer =>
                    {
                        await writer.WriteAsync("one "u8.ToArray());
                        await Task.Delay(1);
                        await writer.WriteAsync("two"u8.ToArray());
                    }));
            }
        }

        return FilterAction.Continue;
    }

    private static string Line(RequestHeaders headers)
        => $"{Encoding.ASCII.GetString(headers.Method)} {Encoding.ASCII.GetString(headers.Path)} {Encoding.ASCII.GetString(headers.Authority)} {Encoding.ASCII.GetString(headers.Scheme)}";

    private static int Slices(BodyBuffer body)
    {
        int length = 0;
        for (int i = 0; i < body.SliceCount; i++)
        {
            length += body.GetSlice(i).Length;
        }

        return length;
    }

    private void Set()
    {
        Stream.Metadata.Set("conformance", "text", "t");
        Stream.Metadata.Set("conformance", "number", 3);
        Stream.Metadata.Set("conformance", "flag", true);
        Stream.SetFilterState("conformance.state", "s"u8);
        Stream.SetVariable("conformance", "v");
    }

    private string Get() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Stream.Metadata.GetText("conformance", "text")} {Stream.Metadata.GetNumber("conformance", "number")} {Stream.Metadata.GetFlag("conformance", "flag")} {Encoding.ASCII.GetString(Stream.GetFilterState("conformance.state") ?? [])} {Stream.GetVariable("conformance")}");

    // How many pieces a body comes in is nobody's promise: they are one entry, and the end is its own.
    private void Note(string step, bool endStream)
    {
        string entry = endStream && step[1] == 'h' ? step + "." : step;
        if (entry != _last || step is not ("dd" or "ed"))
        {
            _ = _life.Append(_life.Length > 0 ? " " : "").Append(entry);
        }

        _last = entry;
    }
}
