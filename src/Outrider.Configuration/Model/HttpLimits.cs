namespace Outrider.Configuration.Model;

/// <summary>
/// Limits and habits of the HTTP side of a listener: the <c>extend_config</c> of its proxy filter, or the <c>Http1</c> object in
/// it. Keys are of ours but <c>max_header_size</c> and <c>max_request_body_size</c>, which are MOSN's.
/// </summary>
internal sealed record HttpLimits
{
    /// <summary>Longest request line in bytes, 256 to 65 536 (<c>max_request_line_size</c>). Default 8192 (RFC 9112 §3 asks for 8000).</summary>
    public int MaxRequestLineSize { get; init; } = 8192;

    /// <summary>Longest head (start line and fields) in bytes, 1024 to 1 MiB (<c>max_header_size</c>). Default 65 536; MOSN's is 8192.</summary>
    public int MaxHeaderSize { get; init; } = 65536;

    /// <summary>Most fields in a head, 1 to 4096 (<c>max_header_count</c>). Default 128.</summary>
    public int MaxHeaderCount { get; init; } = 128;

    /// <summary>Longest request body in bytes; 0 (the default) means no limit (<c>max_request_body_size</c>).</summary>
    public long MaxRequestBodySize { get; init; }

    /// <summary>Most requests of filters' own that a stream may have under way (<c>max_callouts</c>). Default 64.</summary>
    public int MaxCallouts { get; init; } = 64;

    /// <summary>Most bytes of a body that a filter may collect with <c>WaitAllData</c> (<c>max_buffered_body_size</c>). Default 1 MiB.</summary>
    public int MaxBufferedBodySize { get; init; } = 1048576;

    /// <summary>Longest time from a head's first byte to its last (<c>header_timeout</c>). Default 10 s.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest silence while a body is being received (<c>body_timeout</c>). Default 60 s.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes per second that a head has to come at; 0: any (<c>min_header_rate</c>). Default 240.</summary>
    public int MinHeaderRate { get; init; } = 240;

    /// <summary>Bytes per second that a body has to come at; 0, the default: any (<c>min_body_rate</c>).</summary>
    public int MinBodyRate { get; init; }

    /// <summary>How long a client may send less than those (<c>min_rate_grace</c>). Default 5 s.</summary>
    public TimeSpan MinRateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time without progress while bytes wait to be written (<c>send_timeout</c>). Default 60 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest wait for one call of a filter (<c>filter_timeout</c>). Default 60 s.</summary>
    public TimeSpan FilterTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What upstreams are told about the client, and who is believed about it.</summary>
    public ForwardingConfiguration Forwarding { get; init; } = new();

    /// <summary>
    /// Whether a request's target may have only what RFC 3986 allows (<c>strict_target</c>; its opposite under the older name
    /// <c>relaxed_target</c>). Default false: what browsers send raw passes as it stands.
    /// </summary>
    public bool StrictTarget { get; init; }

    /// <summary>What becomes of fields with an underscore in their name (<c>underscores_in_headers</c>: pass, drop or refuse). Default pass.</summary>
    public UnderscoreRule Underscores { get; init; }
}
