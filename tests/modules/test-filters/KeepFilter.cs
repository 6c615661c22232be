using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>
/// Keeps what it reaches of a stream at <c>/keep</c>, in work that nobody awaits and that comes back as <c>x-way</c> says; tells
/// at <c>/touch</c>, in the next client's request, what became of touching it.
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

        if (!headers.Path.SequenceEqual("/keep"u8))
        {
            return FilterAction.Continue;
        }

        s_again = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = Stream;
        var metadata = stream.Metadata;
        _kept =
        [
            ("headers.Get", () => headers.GetString("authorization")),
            ("headers.Count", () => headers.Count),
            ("headers.Set", () => Do(() => headers.Set("x-late", "1"))),
            ("headers.Path", () => Do(() => headers.Path = "/late"u8)),
            ("filter.Stream", () => Stream.Id),
            ("Stream.RequestHeaders", () => stream.RequestHeaders.GetString("authorization")),
            ("Stream.ResponseHeaders", () => stream.ResponseHeaders),
            ("Stream.Id", () => stream.Id),
            ("Stream.Aborted", () => stream.Aborted),
            ("Stream.Log", () => stream.Log),
            ("Stream.GetVariable", () => stream.GetVariable("a")),
            ("Stream.SetVariable", () => Do(() => stream.SetVariable("late", 1))),
            ("Stream.GetAttribute", () => stream.GetAttribute("request.path")),
            ("Stream.CalloutAsync", () => stream.CalloutAsync(new Callout("upstream", "GET", "/late"))),
            ("Metadata.Get", () => metadata.GetText("a", "b")),
            ("Metadata.Set", () => Do(() => metadata.Set("late", "b", "c"))),
        ];
        var again = s_again.Task;
        s_late = headers.GetString("x-way") switch
        {
            "TaskRun" => Task.Run(async () =>
            {
                await again;
                return TouchAll(_kept);
            }),
            "WithoutContext" => WithoutContextAsync(again, _kept),
            _ => SameLoopAsync(again, _kept),
        };
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
    {
        _kept?.AddRange([("body.Length", () => data.Length), ("body.Append", () => Do(() => data.Append("late"u8)))]);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        _kept?.AddRange([("response.Get", () => headers.GetString("x-upstream")), ("response.Set", () => Do(() => headers.Set("x-late", "1"))), ("response.Status", () => headers.Status)]);
        return FilterAction.Continue;
    }

    /// <summary>The response's head has gone on by now: a change of it is refused, and the body says so.</summary>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
    {
        if (Stream.RequestHeaders.Path.SequenceEqual("/change"u8))
        {
            data.Replace(Outcome(() => Do(() => Stream.ResponseHeaders!.Set("x-late", "1"))).PadRight(data.Length)[..data.Length]);
        }

        return FilterAction.Continue;
    }

    private static async Task<string> WithoutContextAsync(Task again, List<(string Name, Func<object?> Touch)> kept)
    {
        await again.ConfigureAwait(false);
        return TouchAll(kept);
    }

    private static async Task<string> SameLoopAsync(Task again, List<(string Name, Func<object?> Touch)> kept)
    {
        await again;
        return TouchAll(kept);
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
            return "gave:" + (touch() ?? "nothing");
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
