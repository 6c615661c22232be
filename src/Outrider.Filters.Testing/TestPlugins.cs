namespace Outrider.Filters.Testing;

/// <summary>The plugins that a test answers for, in the place of processes.</summary>
internal sealed class TestPlugins(TimeProvider time) : IPluginRegistry
{
    private readonly Dictionary<string, Func<PluginRequest, CancellationToken, ValueTask<PluginResponse>>> _answers = new(StringComparer.Ordinal);

    public IPlugin Register(string name, PluginOptions? options = null)
        => _answers.TryGetValue(name, out var answer)
            ? new Plugin(name, answer, options ?? new PluginOptions(), time)
            : throw new FilterConfigurationException($"there is no plugin '{name}': FilterHost.AddPlugin gives one");

    internal void Add(string name, Func<PluginRequest, CancellationToken, ValueTask<PluginResponse>> answer) => _answers.Add(name, answer);

    private sealed class Plugin(string name, Func<PluginRequest, CancellationToken, ValueTask<PluginResponse>> answer, PluginOptions options, TimeProvider time) : IPlugin
    {
        private int _inFlight;

        public string Name => name;

        public async ValueTask<PluginResponse> CallAsync(PluginRequest request, TimeSpan timeout, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(request);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
            if (Interlocked.Increment(ref _inFlight) > options.MaxInFlight)
            {
                _ = Interlocked.Decrement(ref _inFlight);
                throw new PluginException(PluginFailure.Overloaded, $"plugin '{name}': {options.MaxInFlight} calls are under way");
            }

            try
            {
                if (request.Body.Length > options.MaxMessageSize)
                {
                    throw new PluginException(PluginFailure.TooLarge, $"plugin '{name}': the request is larger than {options.MaxMessageSize} bytes");
                }

                return await answer(request, cancellationToken).AsTask().WaitAsync(timeout, time, cancellationToken);
            }
            catch (TimeoutException e)
            {
                throw new PluginException(PluginFailure.Timeout, $"plugin '{name}' has not answered within {timeout}", e);
            }
            finally
            {
                _ = Interlocked.Decrement(ref _inFlight);
            }
        }
    }
}
