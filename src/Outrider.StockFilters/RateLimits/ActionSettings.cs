using System.Text.Json;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>RateLimit.Action</c>: one of these makes one entry.</summary>
internal sealed class ActionSettings
{
    /// <summary><c>source_cluster</c>: what this proxy is called.</summary>
    public JsonElement? SourceCluster { get; set; }

    /// <summary><c>destination_cluster</c>: where the route goes.</summary>
    public JsonElement? DestinationCluster { get; set; }

    /// <summary>A header's first value.</summary>
    public RequestHeaderActionSettings? RequestHeaders { get; set; }

    /// <summary>A parameter of the query.</summary>
    public QueryParameterActionSettings? QueryParameters { get; set; }

    /// <summary><c>remote_address</c>: who the client is.</summary>
    public JsonElement? RemoteAddress { get; set; }

    /// <summary><c>masked_remote_address</c>: the network that the client is in.</summary>
    public MaskedAddressActionSettings? MaskedRemoteAddress { get; set; }

    /// <summary>A text of your own.</summary>
    public GenericKeyActionSettings? GenericKey { get; set; }

    /// <summary>A text of your own where headers fit.</summary>
    public HeaderMatchActionSettings? HeaderValueMatch { get; set; }

    /// <summary>A text of your own where parameters of the query fit.</summary>
    public QueryMatchActionSettings? QueryParameterValueMatch { get; set; }

    /// <summary>A value of the stream's metadata, or the route's.</summary>
    public MetadataActionSettings? Metadata { get; set; }

    /// <summary>The older name of the stream's metadata.</summary>
    public MetadataActionSettings? DynamicMetadata { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">There is not one of them, or it is wrong.</exception>
    internal DescriptorStep Compile(string path)
    {
        DescriptorStep?[] given =
        [
            IsGiven(SourceCluster, path + ".sourceCluster") ? (in source, descriptor) => descriptor.Add("source_cluster", source.ServiceCluster) : null,
            IsGiven(DestinationCluster, path + ".destinationCluster") ? AddDestination : null,
            IsGiven(RemoteAddress, path + ".remoteAddress") ? AddAddress : null,
            MaskedRemoteAddress?.Compile(),
            RequestHeaders?.Compile(path + ".requestHeaders"),
            QueryParameters?.Compile(),
            GenericKey?.Compile(),
            HeaderValueMatch?.Compile(path + ".headerValueMatch"),
            QueryParameterValueMatch?.Compile(path + ".queryParameterValueMatch"),
            Metadata?.Compile(path + ".metadata"),
            DynamicMetadata?.Compile(path + ".dynamicMetadata"),
        ];
        return given.OfType<DescriptorStep>().ToList() is [var only] ? only
            : throw new FilterConfigurationException(
                path,
                "wanted one of \"sourceCluster\", \"destinationCluster\", \"requestHeaders\", \"queryParameters\", \"remoteAddress\", \"maskedRemoteAddress\", \"genericKey\", \"headerValueMatch\", \"queryParameterValueMatch\" and \"metadata\"");
    }

    // A message without fields.
    private static bool IsGiven(JsonElement? message, string path)
        => message is { } found && (found is { ValueKind: JsonValueKind.Object } && !found.EnumerateObject().Any() ? true : throw new FilterConfigurationException(path, "wanted {}"));

    private static bool AddDestination(in DescriptorSource source, Wire.RateLimitDescriptor descriptor)
        => (source.Stream.Route?.ClusterName ?? source.Stream.ClusterName) is { } cluster && descriptor.Add("destination_cluster", cluster);

    private static bool AddAddress(in DescriptorSource source, Wire.RateLimitDescriptor descriptor)
        => ClientAddress.Of(source.Stream) is { } address && descriptor.Add("remote_address", address.ToString());
}
