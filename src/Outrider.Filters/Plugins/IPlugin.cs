namespace Outrider.Filters;

/// <summary>
/// A plugin that runs in a process of its own, as the one who registered it sees it: filters (then called agents),
/// certificate providers, or any other part. Any thread.
/// </summary>
public interface IPlugin
{
    /// <summary>The name, which is that of the plugin's executable.</summary>
    string Name { get; }

    /// <summary>
    /// Asks the plugin. While it is being started the call waits, within its time; while it is down or disabled, or when
    /// <see cref="PluginOptions.MaxInFlight"/> calls are under way, the call fails at once.
    /// </summary>
    /// <param name="request">The request; not to be changed until the call has ended.</param>
    /// <param name="timeout">How long it may take altogether; greater than zero.</param>
    /// <param name="cancellationToken">Gives up: a filter passes <see cref="StreamContext.Aborted"/>.</param>
    /// <exception cref="PluginException">There is no answer; <see cref="PluginException.Failure"/> says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<PluginResponse> CallAsync(PluginRequest request, TimeSpan timeout, CancellationToken cancellationToken = default);
}
