using Outrider.Plugins.Protocol;
using Outrider.Plugins.Sdk;

namespace Outrider.Samples.Checker;

/// <summary>Refuses a request when one of the configured headers is missing or has another value.</summary>
internal sealed class Checker(IReadOnlyDictionary<string, string> required) : IPluginService
{
    public ValueTask<Response> CallAsync(Request request, CancellationToken cancellationToken)
    {
        bool passes = required.All(header => request.Header.TryGetValue(header.Key, out string? value) && value == header.Value);
        return new(new Response { Status = passes ? 0 : -1 });
    }
}
