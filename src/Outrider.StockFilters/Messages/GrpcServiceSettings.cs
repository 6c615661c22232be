using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>GrpcService</c>.</summary>
internal sealed class GrpcServiceSettings
{
    /// <summary>The cluster that is called. Required.</summary>
    [Required]
    public EnvoyGrpcSettings? EnvoyGrpc { get; set; }

    /// <summary>How long a call may take. Default, and in place of 0: what the filter says.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan Timeout { get; set; }

    /// <summary>Metadata of each call.</summary>
    public HeaderValueSettings[]? InitialMetadata { get; set; }

    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal void Validate(string path)
    {
        for (int i = 0; i < InitialMetadata?.Length; i++)
        {
            (InitialMetadata[i] ?? throw new FilterConfigurationException($"{path}.initialMetadata[{i}]", "wanted an object")).Validate($"{path}.initialMetadata[{i}]");
        }
    }

    /// <summary>A call of the service.</summary>
    /// <param name="method">The method's path.</param>
    /// <param name="message">The message, serialized.</param>
    /// <param name="timeout">How long it may take where the configuration does not say.</param>
    internal GrpcCallout Call(string method, byte[] message, TimeSpan timeout)
    {
        var call = new GrpcCallout(EnvoyGrpc!.ClusterName, method, message) { Authority = EnvoyGrpc.Authority, Timeout = Timeout > TimeSpan.Zero ? Timeout : timeout };
        foreach (var field in InitialMetadata ?? [])
        {
            _ = call.With(field.Key, field.Value);
        }

        return call;
    }
}
