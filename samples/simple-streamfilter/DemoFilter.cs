using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.SimpleStreamFilter;

/// <summary>Forwards a request only when every header of the configuration is there with its value; answers 403 otherwise.</summary>
[StreamFilter("demo", JsonContext = typeof(DemoJson))]
public sealed class DemoFilter(DemoConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        foreach (var (name, value) in config.Required)
        {
            if (!headers.Has(name, value))
            {
                return Reply(403);
            }
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream, so it can serve the next one as it is.</summary>
    public override bool TryReset() => true;
}
