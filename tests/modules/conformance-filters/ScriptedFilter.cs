using System.Collections.Concurrent;
using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Conformance;

/// <summary>
/// Does what its request says (<c>x-do</c>), and keeps a record of every call of its life, which a later request reads
/// (<c>x-report</c>). The script is a list of <c>step:word word…</c> with commas between. Steps: <c>dh dd dt dw</c> (request: headers,
/// data, trailers, whole) and <c>eh ed et ew</c> (response). Words: <c>late</c>, <c>whole</c>, <c>reply</c>, <c>streamed</c>, <c>stop</c>,
/// <c>throw</c>, <c>append</c>, <c>drop</c>, <c>nolength</c>, <c>mark</c>, <c>rematch</c>, <c>rechoose</c>.
/// </summary>
[StreamFilter("scripted")]
public sealed class ScriptedFilter : StreamFilter
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
    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers) => StepAsync("dt", true, trailers, null);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => StepAsync(trailers is null ? "dw" : "dwt", true, headers, body);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
        => _case is null ? FilterAction.Continue : StepAsync("eh" + (headers.Status == 200 ? "" : headers.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)), endStream, headers, null);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => _case is null ? FilterAction.Continue : StepAsync("ed", endStream, null, data);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers) => StepAsync("et", true, trailers, null);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => StepAsync(trailers is null ? "ew" : "ewt", true, headers, body);

    /// <inheritdoc/>
    public override bool OnLocalReply(int status, string details)
    {
        Note("local" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), false);
        return true;
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
