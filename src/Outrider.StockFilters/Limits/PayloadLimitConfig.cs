using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Limits;

/// <summary>MOSN's: <c>{ "max_entity_size ": 1024, "http_status": 413 }</c>.</summary>
public sealed class PayloadLimitConfig : IValidatable
{
    /// <summary>How many bytes a request's body may have; 0 for no limit. Default 0.</summary>
    [Range(0, double.MaxValue)]
    public long MaxEntitySize { get; set; }

    /// <summary>The same under the key that MOSN really reads, which ends in a blank.</summary>
    [JsonPropertyName("max_entity_size ")]
    [Range(0, double.MaxValue)]
    public long? MaxEntitySizeOfMosn { get; set; }

    /// <summary>The status of the answer to a larger one, 200–599. Default, and in place of 0: 413.</summary>
    [ZeroOr(200, 599)]
    public int HttpStatus { get; set; }

    [JsonIgnore]
    internal long Limit => MaxEntitySizeOfMosn ?? MaxEntitySize;

    [JsonIgnore]
    internal LocalReply TooLarge { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate() => TooLarge = new LocalReply(HttpStatus == 0 ? 413 : HttpStatus) { Details = "payload_limit" };
}
