using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>MOSN's: <c>{ "max_entity_size ": 1024, "http_status": 413 }</c>.</summary>
public sealed class PayloadLimitConfig : IValidatable
{
    /// <summary>How many bytes a request's body may have; 0 for no limit. Default 0.</summary>
    public long MaxEntitySize { get; set; }

    /// <summary>The same under the key that MOSN really reads, which ends in a blank.</summary>
    [JsonPropertyName("max_entity_size ")]
    public long? MaxEntitySizeOfMosn { get; set; }

    /// <summary>The status of the answer to a larger one, 200–599. Default, and in place of 0: 413.</summary>
    public int HttpStatus { get; set; }

    [JsonIgnore]
    internal long Limit => MaxEntitySizeOfMosn ?? MaxEntitySize;

    [JsonIgnore]
    internal LocalReply TooLarge { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        if (Limit < 0)
        {
            throw new FilterConfigurationException("$.max_entity_size", $"found {Limit}, wanted 0 or more bytes");
        }

        if (HttpStatus is not (0 or (>= 200 and <= 599)))
        {
            throw new FilterConfigurationException("$.http_status", $"found {HttpStatus}, wanted 200 to 599");
        }

        TooLarge = new LocalReply(HttpStatus == 0 ? 413 : HttpStatus) { Details = "payload_limit" };
    }
}
