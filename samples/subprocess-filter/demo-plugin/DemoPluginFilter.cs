using Outrider.Filters;

namespace Outrider.Samples.DemoPlugin;

/// <summary>Asks the checker about each request: 403 when it says −1, 500 when it says nothing.</summary>
public sealed class DemoPluginFilter(IPlugin checker) : StreamFilter
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var request = new PluginRequest();
        request.AddHeaders(headers);
        try
        {
            var response = await checker.CallAsync(request, s_timeout, Stream.Aborted);
            return response.Status == -1 ? Reply(403) : FilterAction.Continue;
        }
        catch (PluginException e)
        {
            Stream.Log.Error(e.Message);
            return Reply(500);
        }
    }
}
