using System.Text.Json;

namespace Outrider.Filters.Testing;

/// <summary>What has come of a request. Immutable.</summary>
public sealed class TestExchange
{
    internal TestExchange()
    {
    }

    /// <summary>The stream's number.</summary>
    public required long Id { get; init; }

    /// <summary>What was sent.</summary>
    public required TestRequest Request { get; init; }

    /// <summary>What the client got; null where it got nothing (a filter has terminated the stream, or the client has gone). See <see cref="IsCut"/>.</summary>
    public required TestResponse? Response { get; init; }

    /// <summary>Did the stream end before its response had?</summary>
    public required bool IsCut { get; init; }

    /// <summary>The response's status; 0 where there was none.</summary>
    public int Status => Response?.Status ?? 0;

    /// <summary>The response's body as text; empty where there was none.</summary>
    public string Body => Response?.Body ?? "";

    /// <summary>What left the filters for the upstream; null where nothing did.</summary>
    public required TestRequest? Upstream { get; init; }

    /// <summary>Every call into a filter, in order, with what it answered.</summary>
    public required IReadOnlyList<TestCall> Calls { get; init; }

    /// <summary>The callouts that filters have made, in order.</summary>
    public required IReadOnlyList<TestRequest> Callouts { get; init; }

    /// <summary>What went wrong, as access logs have it.</summary>
    public required ResponseFlags Flags { get; init; }

    /// <summary>What filters have added by <see cref="StreamContext.AddFlag"/>.</summary>
    public required IReadOnlyList<string> CustomFlags { get; init; }

    /// <summary>Was the response made by a filter or by the host, and not by the upstream?</summary>
    public required bool IsLocalReply { get; init; }

    /// <summary>The short word on why it was made here (<see cref="LocalReply.Details"/>); null for none.</summary>
    public required string? Details { get; init; }

    /// <summary>The route; null where none was matched.</summary>
    public required RouteInfo? Route { get; init; }

    /// <summary>The cluster; null where the request did not come so far.</summary>
    public required string? ClusterName { get; init; }

    /// <summary>The host that a filter has wished for (<see cref="StreamContext.SetUpstreamHost"/>); null for none.</summary>
    public required string? WantedHost { get; init; }

    /// <summary>The stream's metadata, by namespace and key.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>> Metadata { get; init; }

    /// <summary>The variables that filters have set.</summary>
    public required IReadOnlyDictionary<string, object> Variables { get; init; }

    /// <summary>The filter state that filters have set.</summary>
    public required IReadOnlyDictionary<string, byte[]> FilterState { get; init; }

    /// <summary>The log's lines about this stream.</summary>
    public required IReadOnlyList<TestLogLine> Log { get; init; }

    /// <summary>What the first filter of the chain that was called with that method answered at the last call; null where none has answered.</summary>
    /// <param name="method"><c>nameof(StreamFilter.DecodeHeadersAsync)</c> and so on.</param>
    public FilterAction? ActionOf(string method)
    {
        string? filter = Calls.FirstOrDefault(call => call.Method == method)?.Filter;
        return Calls.LastOrDefault(call => call.Method == method && call.Filter == filter)?.Action;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Request} → {(Response is null ? "nothing" : Response.Status)}{(IsCut ? " (cut)" : "")}: {string.Join(", ", Calls)}";
}
