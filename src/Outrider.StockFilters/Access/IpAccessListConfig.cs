using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Access;

/// <summary>Addresses, and what becomes of whoever has one of them.</summary>
public sealed class IpAccessListConfig
{
    internal const string Allow = "allow";
    internal const string Deny = "deny";

    /// <summary><c>allow</c> or <c>deny</c>. Default <c>allow</c>.</summary>
    [AllowedValues(Allow, Deny)]
    public string Action { get; set; } = Allow;

    /// <summary>IP addresses and networks. Required.</summary>
    [Required]
    [ItemCount(1)]
    public string[]? Addrs { get; set; }

    [JsonIgnore]
    internal AddressSet Set { get; private set; } = null!;

    internal void Validate(string path) => Set = new AddressSet(path + ".addrs", Addrs!);
}
