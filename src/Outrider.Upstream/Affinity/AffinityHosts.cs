using System.Collections.Frozen;
using System.Globalization;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Affinity;

/// <summary>Finds the host that a client's cookie names, by a number that says nothing of its address. Immutable; finding allocates nothing.</summary>
/// <param name="hosts">The hosts.</param>
internal sealed class AffinityHosts(HostSet hosts)
{
    /// <summary>How long a host's key is: 16 hexadecimal digits.</summary>
    public const int KeyLength = 16;

    private readonly FrozenDictionary<ulong, UpstreamHost> _byKey = hosts.Hosts.ToArray().DistinctBy(KeyOf).ToFrozenDictionary(KeyOf);

    /// <summary>The host of that key; null where there is none, any more, or it is sick.</summary>
    public UpstreamHost? Find(ReadOnlySpan<byte> key)
        => key.Length == KeyLength && ulong.TryParse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
            && _byKey.TryGetValue(number, out var host) && host.IsHealthy ? host : null;

    /// <summary>A host's key, the same in every process.</summary>
    public static ulong KeyOf(UpstreamHost host)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in host.AddressBytes.Span)
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
