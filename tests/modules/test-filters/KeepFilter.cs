using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>
/// Keeps what it reaches of a stream at <c>/keep</c>, and of an answer of its own at <c>/keep-reply</c>, in work that nobody awaits and
/// that comes back as <c>x-way</c> says; tells at <c>/touch</c>, in the next client's request, what became of touching it.
/// </summary>
[StreamFilter("keep")]
public sealed class KeepFilter : StreamFilter
{
    private static TaskCompletionSource s_again = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static Task<string>? s_late;

    private List<(string Name, Func<object?> Touch)>? _kept;

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.Path.SequenceEqual("/touch"u8))
        {
            s_again.SetResult();
            string outcomes = await s_late!;
            headers.Set("x-outcomes", outcomes);
        }

        if (!headers.Path.StartsWith("/keep"u8))
        {
            return FilterAction.Continue;
        }

        s_again = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = Stream;
        var metadata = stream.Metadata;
        var ask = stream.OpenCallout(new Callout("up", "POST", "/asked") { Timeout = Timeout.InfiniteTimeSpan });
        _kept =
        [
            ("headers.Get", () => headers.GetString("authorization")),
            ("headers.TryGetValue", () => headers.TryGetValue("authorization"u8, out _)),
            ("headers.Contains", () => headers.Contains("authorization"u8)),
            ("headers.Count", () => headers.Count),
            ("headers.Index", () => headers[0].ToString()),
            ("headers.Set", () => Do(() => headers.Set("x-late", "1"))),
            ("headers.Append", () => Do(() => headers.Append("x-late", "1"))),
            ("headers.Remove", () => headers.Remove("authorization")),
            ("headers.Method", () => Do(() => headers.Method = "PUT"u8)),
            ("headers.Path", () => Do(() => headers.Path = "/late"u8)),
            ("headers.Authority", () => Do(() => headers.Authority = "late"u8)),
            ("headers.Scheme", () => headers.Scheme.Length),
            ("filter.Stream", () => Stream.Id),
            ("Stream.RequestHeaders", () => stream.RequestHeaders.GetString("authorization")),
            ("Stream.ResponseHeaders", () => stream.ResponseHeaders),
            ("Stream.Id", () => stream.Id),
            ("Stream.Aborted", () => stream.Aborted),
            ("Stream.Log", () => stream.Log),
            ("Stream.Timings", () => stream.Timings),
            ("Stream.BytesSent", () => stream.BytesSent),
            ("Stream.ResponseCode", () => stream.ResponseCode),
            ("Stream.DownstreamRemote", () => stream.DownstreamRemote),
            ("Stream.RouteConfiguration", () => stream.RouteConfiguration),
            ("Stream.GetVariable", () => stream.GetVariable("a")),
            ("Stream.SetVariable", () => Do(() => stream.SetVariable("late", 1))),
            ("Stream.GetFilterState", () => stream.GetFilterState("late")),
            ("Stream.SetFilterState", () => Do(() => stream.SetFilterState("late", "1"u8))),
            ("Stream.AddFlag", () => Do(() => stream.AddFlag("late"))),
            ("Stream.GetAttribute", () => stream.GetAttribute("request.path")),
            ("Stream.SetUpstreamHost", () => Do(() => stream.SetUpstreamHost("127.0.0.1:1"))),
            ("Stream.CalloutAsync", () => stream.CalloutAsync(new Callout("up", "GET", "/late"))),
            ("Stream.OpenCallout", () => stream.OpenCallout(new Callout("up", "GET", "/late"))),
            ("Callout.Response", () => ask.GetResponseAsync()),
            ("Callout.Write", () => ask.WriteAsync("late"u8.ToArray()).AsTask()),
            ("Callout.Complete", () => ask.CompleteAsync().AsTask()),
            ("Callout.Read", () => ask.ReadAsync().AsTask()),
            ("Metadata.Get", () => metadata.GetText("a", "b")),
            ("Metadata.Set", () => Do(() => metadata.Set("late", "b", "c"))),
            ("Metadata.Append", () => Do(() => metadata.Append("late", "d", "c"))),
        ];
        s_late = LateAsync(headers.GetString("x-way"), s_again.Task, _kept);
        return headers.Path.SequenceEqual("/keep-reply"u8)
            ? Reply(new StreamedReply(200, async writer =>
            {
                _kept.Add(("Writer", () => writer.WriteAsync("late"u8.ToArray()).AsTask()));
                await writer.WriteAsync("kept"u8.ToArray());
            }))
            : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
    {
        KeepBody("body", data);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers, BodyBuffer body)
    {
        KeepMap("trailers", trailers);
        KeepBody("rest", body);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        KeepMap("response", headers);
        _kept?.AddRange([("response.Status", () => headers.Status), ("response.Status=", () => Do(() => headers.Status = 418))]);
        return FilterAction.Continue;
    }

    /// <summary>The response's head has gone on by now: a change of it is refused, and the body says so.</summary>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
    {
        KeepBody("response-body", data);
        if (Stream.RequestHeaders.Path.SequenceEqual("/change"u8))
        {
            data.Replace(Outcome(() => Do(() => Stream.ResponseHeaders!.Set("x-late", "1"))).PadRight(data.Length)[..data.Length]);
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers, BodyBuffer body)
    {
        KeepMap("response-trailers", trailers);
        KeepBody("response-rest", body);
        return FilterAction.Continue;
    }

    private void KeepMap(string name, HeaderMap map) => _kept?.AddRange(
    [
        (name + ".Count", () => map.Count),
        (name + ".Get", () => map.GetString("x-upstream")),
        (name + ".Set", () => Do(() => map.Set("x-late", "1"))),
        (name + ".Append", () => Do(() => map.Append("x-late", "1"))),
        (name + ".Remove", () => map.Remove("x-upstream")),
    ]);

    private void KeepBody(string name, BodyBuffer body) => _kept?.AddRange(
    [
        (name + ".Length", () => body.Length),
        (name + ".GetSlice", () => body.GetSlice(0).Length),
        (name + ".ToString", body.ToString),
        (name + ".Append", () => Do(() => body.Append("late"u8))),
        (name + ".Drain", () => Do(() => body.Drain(0))),
        (name + ".Replace", () => Do(() => body.Replace("late"))),
    ]);

    private static Task<string> LateAsync(string? way, Task again, List<(string Name, Func<object?> Touch)> kept)
    {
        return way switch
        {
            "TaskRun" => Task.Run(async () =>
            {
                await again;
                return TouchAll(kept);
            }),
            "WithoutContext" => WithoutContextAsync(),
            "SameLoop" => SameLoopAsync(),
            "Delay" => DelayAsync(),
            _ => throw new ArgumentException($"no such way: {way}"),
        };

        async Task<string> WithoutContextAsync()
        {
            await again.ConfigureAwait(false);
            return TouchAll(kept);
        }

        async Task<string> SameLoopAsync()
        {
            await again;
            return TouchAll(kept);
        }

        async Task<string> DelayAsync()
        {
            await Task.Delay(300);
            return TouchAll(kept);
        }
    }

    private static string TouchAll(List<(string Name, Func<object?> Touch)> kept)
    {
        var text = new StringBuilder();
        foreach (var (name, touch) in kept)
        {
            _ = text.Append(name).Append('=').Append(Outcome(touch)).Append(' ');
        }

        return text.ToString();
    }

    private static string Outcome(Func<object?> touch)
    {
        try
        {
            object? result = touch();
            if (result is Task { IsFaulted: true } failed)
            {
                return failed.Exception!.InnerException!.GetType().Name;
            }

            return "gave:" + (result ?? "nothing");
        }
        catch (Exception e)
        {
            return e.GetType().Name;
        }
    }

    private static object? Do(Action action)
    {
        action();
        return null;
    }
}
