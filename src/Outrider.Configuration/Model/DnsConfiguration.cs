using System.Net;

namespace Outrider.Configuration.Model;

/// <summary>How the names among a cluster's hosts are looked up; keys and meanings are MOSN's.</summary>
internal sealed record DnsConfiguration
{
    /// <summary>Between two lookups (<c>dns_refresh_rate</c>). Default 30 s; MOSN's is 5 s.</summary>
    public TimeSpan RefreshRate { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Are names looked up again when their answers' time is over, instead (<c>respect_dns_ttl</c>)? Default false.</summary>
    public bool RespectsTtl { get; init; }

    /// <summary>The only family whose addresses are used (<c>dns_lookup_family</c>); both by default, IPv4 first.</summary>
    public System.Net.Sockets.AddressFamily? Family { get; init; }

    /// <summary>The servers that are asked (<c>dns_resolvers.servers</c>); empty, the default, for those of <see cref="File"/>.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>Domains that short names are tried in (<c>dns_resolvers.search</c>).</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>A name with fewer dots is tried in <see cref="Search"/> first (<c>dns_resolvers.ndots</c>). Default 1.</summary>
    public int Dots { get; init; } = 1;

    /// <summary>How long one server has for an answer (<c>dns_resolvers.timeout</c>, seconds). Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often each is asked (<c>dns_resolvers.attempts</c>). Default 2.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Where servers and search domains stand (<c>dns_resolver_file</c>); null for the system's.</summary>
    public string? File { get; init; }

    /// <summary>The servers' port, of those of the file (<c>dns_resolver_port</c>). Default 53.</summary>
    public int Port { get; init; } = 53;

    /// <summary>Are servers asked directly, and not by the system's resolver, which tells no times?</summary>
    public bool IsDirect => RespectsTtl || Servers.Count > 0 || File is not null;

    /// <summary>Tells one way to look up names from another.</summary>
    public string Key => !IsDirect && Family is null ? "" : $"{Family}|{string.Join(',', Servers)}|{string.Join(',', Search)}|{Dots}|{Timeout}|{Attempts}|{File}|{Port}|{IsDirect}";
}
