namespace Outrider.Configuration.Model;

/// <summary>Which proxies before this one are believed when they say who the client is (<c>trusted_hops</c>, <c>trusted_addresses</c>). Immutable; any thread.</summary>
internal sealed record TrustedProxies
{
    /// <summary>How many of them there always are, the peer of the connection included; 0 for none.</summary>
    public int Hops { get; init; }

    /// <summary>Where they are.</summary>
    public IReadOnlyList<AddressRange> Addresses { get; init; } = [];

    /// <summary>Are those trusted that connect to a Unix socket (<c>"unix"</c> among the addresses)?</summary>
    public bool Unix { get; init; }

    /// <summary>Is anybody trusted?</summary>
    public bool IsAny => Hops > 0 || Addresses.Count > 0 || Unix;
}
