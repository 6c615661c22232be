using Outrider.Filters;

namespace Outrider.Tests.CommandLine;

/// <summary>What the tests load as somebody else's extension.</summary>
[StreamFilter("test-greeting")]
public sealed class GreetingFilter(GreetingConfig config) : StreamFilter
{
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        headers.Set("x-greeting", config.Greeting);
        return FilterAction.Continue;
    }
}

public sealed class GreetingConfig
{
    public required string Greeting { get; init; }
}
