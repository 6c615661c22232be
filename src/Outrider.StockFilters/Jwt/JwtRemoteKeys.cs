using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>RemoteJwks</c>.</summary>
internal sealed class JwtRemoteKeys
{
    /// <summary>Where they are. Required.</summary>
    [Required]
    public HttpUriSettings? HttpUri { get; set; }

    /// <summary>How long they are good for. Default, and in place of 0: 10 min.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan CacheDuration { get; set; }
}
