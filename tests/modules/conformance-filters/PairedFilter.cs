using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Conformance;

/// <summary>
/// One of two in a chain. As <see cref="ScriptedFilter"/> it does what its request says, here in <c>x-pair</c>: <c>a.dh:mark, b.dw:late append</c>. Both
/// write one record of a request's calls, in their order, which a later request reads (<c>x-pair-report</c>). Words: <c>late</c>, <c>mark</c> (adds the step to
/// <c>x-mark</c>), <c>nolength</c>, <c>append</c> (<c>+a</c>, at the end), <c>upper</c>, <c>see</c> (the whole body, into the record), <c>whole</c>, <c>reply</c>,
/// <c>stop</c>, <c>throw</c>.
/// </summary>
[StreamFilter("paired", JsonContext = typeof(PairedJson))]
public sealed class PairedFilter(PairedConfig config) : StreamFilter
{
    // By which the second knows a request that only the first has seen.
    private const string State = "conformance.pair";
    private static readonly ConcurrentDictionary<string, List<string>> s_lives = new();

    private Dictionary<string, string[]> _script = [];
    private string? _case;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.TryGetValue("x-pair-report"u8, out var asked))
        {
            return FilterAction.Reply(200, Report(Encoding.ASCII.GetString(asked)));
        }

        if (config.Place == "a" && headers.TryGetValue("x-case"u8, out var name) && headers.TryGetValue("x-pair"u8, out var text))
        {
            Stream.SetFilterState(State, Encoding.ASCII.GetBytes($"{Encoding.ASCII.GetString(name)}|{Encoding.ASCII.GetString(text)}"));
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
        => StepAsync("eh" + (headers.Status == 200 ? "" : headers.Status.ToString(CultureInfo.InvariantCulture)), endStream, headers, null);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream) => StepAsync("ed", endStream, null, data);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body) => StepAsync("et", true, trailers, body);

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
        => StepAsync(trailers is null ? "ew" : "ewt", true, headers, body);

    /// <inheritdoc/>
    public override bool OnLocalReply(int status, string details)
    {
        Note("local" + status.ToString(CultureInfo.InvariantCulture));
        return true;
    }

    /// <inheritdoc/>
    public override void OnLog() => Note("log");

    /// <inheritdoc/>
    public override void OnDestroy() => Note("destroy", isOver: true);

    private static string Report(string name)
    {
        if (!s_lives.TryGetValue(name, out var life))
        {
            return "";
        }

        lock (life)
        {
            // Which of the two ends first is nobody's promise.
            return string.Join(' ', life.Where(entry => !IsEnd(entry)).Concat(life.Where(IsEnd).Order(StringComparer.Ordinal)));
        }
    }

    private static bool IsEnd(string entry) => entry[2..] is "log" or "destroy";

    private async ValueTask<FilterAction> StepAsync(string step, bool endStream, HeaderMap? headers, BodyBuffer? body)
    {
        Note(endStream && step[1] == 'h' ? step + "." : step);
        if (!_script.TryGetValue($"{config.Place}.{step[..2]}", out string[]? words))
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
                    string before = headers!.TryGetValue("x-mark"u8, out var mark) ? Encoding.ASCII.GetString(mark) + " " : "";
                    headers.Set("x-mark"u8, Encoding.ASCII.GetBytes($"{before}{config.Place}.{step}"));
                    break;
                case "nolength":
                    headers!.Remove("content-length"u8);
                    break;
                case "append" when endStream:
                    body!.Append(Encoding.ASCII.GetBytes("+" + config.Place));
                    break;
                case "upper":
                    body!.Replace(Encoding.UTF8.GetBytes(body.ToString()!.ToUpperInvariant()));
                    break;
                case "see":
                    Note($"({body})");
                    break;
                case "throw":
                    throw new InvalidOperationException("the script says so");
                case "whole":
                    return FilterAction.WaitAllData;
                case "stop":
                    return FilterAction.Terminate;
                case "reply":
                    return FilterAction.Reply(new LocalReply(403, $"from {config.Place}.{step[..2]}"));
            }
        }

        return FilterAction.Continue;
    }

    // How many pieces a body comes in is nobody's promise: they are one entry of each filter.
    private void Note(string step, bool isOver = false)
    {
        if (_case is null && !isOver && Stream.GetFilterState(State) is { } state)
        {
            string[] parts = Encoding.ASCII.GetString(state).Split('|');
            _case = parts[0];
            _script = parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(part => part.Split(':')).ToDictionary(part => part[0], part => part[1].Split(' '));
        }

        if (_case is null)
        {
            return;
        }

        var life = s_lives.GetOrAdd(_case, static _ => []);
        string entry = $"{config.Place}.{step}";
        lock (life)
        {
            if (step is not ("dd" or "ed") || !life.Contains(entry))
            {
                life.Add(entry);
            }
        }
    }
}
