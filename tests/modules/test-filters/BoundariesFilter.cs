using System.Globalization;
using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>
/// Does to a message what would move its end, by what <c>x-do</c> lists: <c>reply N</c>, <c>streamed N</c>, <c>method M</c>,
/// <c>request-length N</c>, <c>status N</c>, <c>length N</c>, <c>append</c>, <c>whole-status N</c>, <c>whole-length N</c>; and
/// <c>late</c>, after it has waited.
/// </summary>
[StreamFilter("boundaries")]
public class BoundariesFilter : StreamFilter
{
    private string[] _do = [];

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        _do = headers.GetString("x-do") is { Length: > 0 } list ? list.Split(", ") : [];
        await PauseAsync();
        if (Find("method") is { } method)
        {
            headers.Method = Encoding.ASCII.GetBytes(method);
        }

        if (Find("request-length") is { } length)
        {
            headers.Set("content-length", length);
        }

        return Find("reply") is { } reply ? Reply(int.Parse(reply, CultureInfo.InvariantCulture), "surplus")
            : Find("streamed") is { } streamed ? FilterAction.Reply(new StreamedReply(int.Parse(streamed, CultureInfo.InvariantCulture), writer => writer.WriteAsync("surplus"u8.ToArray()).AsTask()))
            : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        await PauseAsync();
        if (Find("status") is { } status)
        {
            headers.Status = int.Parse(status, CultureInfo.InvariantCulture);
        }

        if (Find("length") is { } length)
        {
            headers.Set("content-length", length);
        }

        return Does("append") || Does("whole-status") || Does("whole-length") || Does("whole") ? FilterAction.WaitAllData : FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> EncodeResponseAsync(ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        await PauseAsync();
        if (Does("append"))
        {
            body.Append("+more"u8);
        }

        if (Find("whole-status") is { } status)
        {
            headers.Status = int.Parse(status, CultureInfo.InvariantCulture);
        }

        if (Find("whole-length") is { } length)
        {
            headers.Set("content-length", length);
        }

        return FilterAction.Continue;
    }

    /// <summary>Waits where it is told to.</summary>
    protected async ValueTask PauseAsync()
    {
        if (Does("late"))
        {
            await Task.Delay(10, Stream.Aborted);
        }
    }

    private bool Does(string what) => Find(what) is not null;

    private string? Find(string what)
    {
        foreach (string part in _do)
        {
            if (part == what || part.StartsWith(what + " ", StringComparison.Ordinal))
            {
                return part.Length > what.Length ? part[(what.Length + 1)..] : "";
            }
        }

        return null;
    }
}
