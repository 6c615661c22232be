namespace Outrider.Proxy.Routing;

/// <summary>An authority taken apart, as <see cref="Configuration.Model.DomainConfiguration"/> takes domains apart.</summary>
internal readonly ref struct HostAndPort
{
    /// <summary>Splits at the last colon, unless that is one inside the brackets of an IPv6 address.</summary>
    public HostAndPort(ReadOnlySpan<byte> authority)
    {
        int colon = authority.LastIndexOf((byte)':');
        if (colon < 0 || colon < authority.LastIndexOf((byte)']'))
        {
            Host = authority;
            return;
        }

        Host = authority[..colon];
        Port = authority[(colon + 1)..];
    }

    /// <summary>The host; an IPv6 address keeps its brackets.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>The port; empty when there is none.</summary>
    public ReadOnlySpan<byte> Port { get; }
}
