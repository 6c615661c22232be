using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.StockFilters.Mutation;
using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>What a service has decided.</summary>
internal sealed class RateLimitAnswer
{
    private const int OverLimit = 2;

    /// <param name="response">What it says.</param>
    /// <param name="tellsQuota">Do answers to the client tell of the limit?</param>
    /// <exception cref="CalloutException">A header is none that may be written.</exception>
    internal RateLimitAnswer(RateLimitResponse response, bool tellsQuota)
    {
        IsOver = response.OverallCode == OverLimit;
        Body = response.RawBody.ToByteArray();
        Metadata = response.DynamicMetadata is { Fields.Count: > 0 } told ? JsonDocument.Parse(told.ToString()).RootElement : null;
        ForUpstream = [.. response.RequestHeadersToAdd.Select(Change)];
        ForClient = [.. response.ResponseHeadersToAdd.Select(Change), .. tellsQuota ? QuotaHeaders.Of(response.Statuses) : []];
    }

    /// <summary>Is the request over a limit?</summary>
    internal bool IsOver { get; }

    /// <summary>The body of a refusal.</summary>
    internal byte[] Body { get; }

    /// <summary>Headers of the request that goes on.</summary>
    internal IReadOnlyList<HeaderChange> ForUpstream { get; }

    /// <summary>Headers of the answer.</summary>
    internal IReadOnlyList<HeaderChange> ForClient { get; }

    /// <summary>What goes into the stream's metadata: a JSON object; null for nothing.</summary>
    internal JsonElement? Metadata { get; }

    private static HeaderChange Change(HeaderValue header)
    {
        // Two types of content are none.
        var action = header.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase) ? AppendAction.OverwriteIfExistsOrAdd : AppendAction.AppendIfExistsOrAdd;
        var change = new HeaderChange(header.Key, header.RawValue.Length > 0 ? header.RawValue.ToByteArray() : Encoding.UTF8.GetBytes(header.Value), action);
        return change.IsValid ? change : throw new CalloutException($"the rate limit service wants to add '{change.Name}', which cannot be done");
    }
}
