using Outrider.Filters;

namespace Outrider.Bench.Modules;

/// <summary>Lets those pass that its configuration knows, tells the upstream their role, and marks the response. Built with NEXT it is the version after: its responses have the status 203.</summary>
/// <param name="config">Who is known.</param>
[StreamFilter("rules")]
public sealed class RulesFilter(RulesConfig config) : StreamFilter
{
#if NEXT
    private const int Status = 203;
#else
    private const int Status = 200;
#endif

    private string _role = "";

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.GetString(config.Header) is not { } user || !config.Roles.TryGetValue(user, out string? role))
        {
            return Reply(403);
        }

        _role = role;
        headers.Set("x-role", role);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        headers.Status = Status;
        headers.Set("x-role", _role);
        foreach (var (name, value) in config.ResponseHeaders)
        {
            headers.Set(name, value);
        }

        return FilterAction.Continue;
    }
}
