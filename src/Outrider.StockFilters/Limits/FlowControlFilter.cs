using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>
/// Limits how many requests for a resource begin in a period, or run at once: MOSN's <c>pkg/filter/stream/flowcontrol</c>, which stands on Sentinel.
/// Counts are the process's: all loops share them; a reload begins anew.
/// </summary>
[StreamFilter("flowControlFilter", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(LimitsJson))]
public sealed class FlowControlFilter(FlowControlConfig config) : StreamFilter
{
    private FlowResource? _entered;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (!config.GlobalSwitch || config.Resources.Find(NameOf(headers)) is not { } resource)
        {
            return FilterAction.Continue;
        }

        if (!resource.TryEnter(Environment.TickCount64, out int wait))
        {
            config.Blocked.Add(1, resource.Name);
            return config.Monitor ? FilterAction.Continue : Reply(config.Refusal);
        }

        _entered = resource;
        return wait == 0 || config.Monitor ? FilterAction.Continue : WaitAsync(wait);
    }

    /// <summary>The request is no longer under way.</summary>
    public override void OnDestroy() => _entered?.Exit();

    /// <summary>True: the field is as new.</summary>
    public override bool TryReset()
    {
        _entered = null;
        return true;
    }

    private async ValueTask<FilterAction> WaitAsync(int milliseconds)
    {
        await Task.Delay(milliseconds, Stream.Aborted);
        return FilterAction.Continue;
    }

    private ReadOnlySpan<byte> NameOf(RequestHeaders headers)
    {
        if (config.LimitKeyType == "URI")
        {
            return headers.Path;
        }

        var path = headers.PathWithoutQuery;
        return config.LimitKeyType == "PATH" ? path : headers.Path[Math.Min(path.Length + 1, headers.Path.Length)..];
    }
}
