using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Asks a cluster piece by piece, as the path says, and answers with what it heard.</summary>
[StreamFilter("ask")]
public sealed class AskFilter : StreamFilter
{
    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        string path = headers.PathString;
        if (path == "/pass")
        {
            return FilterAction.Continue;
        }

        try
        {
            using var ask = Stream.OpenCallout(new Callout(headers.GetString("x-cluster") ?? "up", "POST", path)
            {
                Body = "one "u8.ToArray(),
                ReadAhead = 100_000,
                Timeout = path == "/late" ? TimeSpan.FromMilliseconds(200) : Timeout.InfiniteTimeSpan,
            });
            return path switch
            {
                "/duplex" => Reply(200, await ConverseAsync(ask)),
                "/flood" => Reply(200, await OverlookAsync(ask)),
                "/given-up" => Reply(200, await GiveUpAsync(ask)),
                _ => await WholeAsync(ask),
            };
        }
        catch (CalloutException e)
        {
            return Reply(502, e.Message);
        }
        catch (OperationCanceledException)
        {
            Stream.Log.Warn("asked in vain");
            throw;
        }
    }

    private static async Task<FilterAction> WholeAsync(CalloutStream ask)
    {
        await ask.WriteAsync("two "u8.ToArray());
        await Task.Yield();
        await ask.WriteAsync("three"u8.ToArray());
        await ask.CompleteAsync();
        var head = await ask.GetResponseAsync();
        var text = new StringBuilder();
        await foreach (var piece in ask.ReadAllAsync())
        {
            text.Append(Encoding.UTF8.GetString(piece.Span));
        }

        string after = (await ask.ReadAsync()).IsEmpty ? "" : "more after the end";
        return Reply(head.Status, $"{head.GetHeader("x-upstream")}: {text}{after}");
    }

    // Hears the first word before it has said its last.
    private static async Task<string> ConverseAsync(CalloutStream ask)
    {
        string first = Encoding.UTF8.GetString((await ask.ReadAsync()).Span);
        await ask.WriteAsync(Encoding.UTF8.GetBytes("heard " + first));
        await ask.CompleteAsync();
        var text = new StringBuilder();
        await foreach (var piece in ask.ReadAllAsync())
        {
            text.Append(Encoding.UTF8.GetString(piece.Span));
        }

        return text.ToString();
    }

    // Does not read, and goes on until it is told that it should have.
    private static async Task<string> OverlookAsync(CalloutStream ask)
    {
        while (true)
        {
            await ask.WriteAsync("x"u8.ToArray());
            await Task.Delay(5);
        }
    }

    private static async Task<string> GiveUpAsync(CalloutStream ask)
    {
        int status = (await ask.GetResponseAsync()).Status;
        ask.Dispose();
        try
        {
            _ = await ask.ReadAsync();
            return "read";
        }
        catch (ObjectDisposedException)
        {
            return $"given up after {status}";
        }
    }
}
