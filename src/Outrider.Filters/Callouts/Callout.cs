using System.Text;

namespace Outrider.Filters;

/// <summary>A request that a filter makes itself, to one of the base's own clusters; see <see cref="StreamContext.CalloutAsync"/>.</summary>
public sealed class Callout
{
    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <param name="cluster">Name of the cluster; the request goes to one of its hosts.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    /// <exception cref="ArgumentException">No client could send this: the method is no token, or CONNECT; the path does not begin with <c>/</c>, or holds a blank, a control character or <c>#</c>.</exception>
    public Callout(string cluster, string method, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(cluster);
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] methodBytes = Encoding.UTF8.GetBytes(method), target = Encoding.UTF8.GetBytes(path);
        RequestLineRules.ThrowUnlessMethod(methodBytes, target);
        RequestLineRules.ThrowUnlessTarget(target, methodBytes);
        Cluster = cluster;
        Method = method;
        Path = path;
        Authority = cluster;
    }

    /// <summary>Name of the cluster.</summary>
    public string Cluster { get; }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>Path and query.</summary>
    public string Path { get; }

    /// <summary>What goes out as <c>host</c>, unless a header of that name says otherwise: <c>uri-host[:port]</c>, which is looked at when the callout begins. Default: the cluster's name.</summary>
    public string Authority { get; init; }

    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How long the whole exchange may take. Default 5 s; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit where it is read piece by piece, and there alone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is 0 or less, and not <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan Timeout
    {
        get;
        init => field = value > TimeSpan.Zero || value == System.Threading.Timeout.InfiniteTimeSpan ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "a callout has more time than none");
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many bytes of an answer that is read piece by piece may lie unread before it is broken off, where the base cannot
    /// make the cluster wait. Default 1 MiB.
    /// </summary>
    public int ReadAhead { get; init; } = 1 << 20;

    /// <summary>Must the cluster be spoken to in HTTP/2, as gRPC must? Our own engine then does, whatever the listener says of upstreams; in Envoy the cluster's settings say it, and nginx cannot. Default false.</summary>
    public bool RequiresHttp2 { get; init; }

    /// <summary>The request's own headers, in the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>For bases: the same request, which is waited for as a whole.</summary>
    /// <exception cref="ArgumentException">It may take for ever.</exception>
    internal Callout Limited
        => Timeout == System.Threading.Timeout.InfiniteTimeSpan ? throw new ArgumentException("a callout without a limit of time can only be read piece by piece: OpenCallout") : this;

    /// <summary>For bases: what goes out as <c>host</c>.</summary>
    /// <exception cref="ArgumentException">No client could ask for it.</exception>
    internal byte[] HostBytes
    {
        get
        {
            string host = Authority;
            foreach (var (name, value) in _headers)
            {
                host = IsHost(name) ? value : host;
            }

            byte[] bytes = Encoding.UTF8.GetBytes(host);
            return RequestLineRules.IsAuthority(bytes)
                ? bytes
                : throw new ArgumentException($"'{host}' cannot be asked for as a host (RFC 9110 §7.2): give the callout an Authority");
        }
    }

    /// <summary>For bases: is this the header that <see cref="HostBytes"/> stands for?</summary>
    internal static bool IsHost(string name) => name.Equals("host", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds a header. Returns the callout itself.</summary>
    /// <exception cref="ArgumentException">The name is not a token, the value holds a control character, or one above U+00FF, or the header is the connection's (<see cref="HeaderSyntax.IsConnections"/>, but for <c>te</c>).</exception>
    public Callout With(string name, string value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        if (HeaderSyntax.IsConnections(Encoding.Latin1.GetBytes(name)) && !name.Equals("te", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"'{name}' is written by the base, not by a callout", nameof(name));
        }

        _headers.Add(new(name, value));
        return this;
    }
}
