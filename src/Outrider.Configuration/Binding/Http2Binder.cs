using System.Net.Security;
using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds what a listener says of HTTP/2: <c>downstream_protocol</c>, and <c>Http2</c> in <c>extend_config</c>.</summary>
internal static class Http2Binder
{
    private const int LargestFrame = (1 << 24) - 1;

    /// <summary>What clients may speak: one version of HTTP, several with commas between them (as MOSN), <c>Auto</c>, which is also the default; or one codec of another name.</summary>
    /// <param name="reader">What says it.</param>
    /// <param name="codec">The codec of another name; null for HTTP.</param>
    public static DownstreamProtocols Downstream(ObjectReader reader, out ProtocolConfiguration? codec)
    {
        const string key = "downstream_protocol";
        var protocols = DownstreamProtocols.None;
        string[] names = (reader.Text(key) ?? ProtocolConfiguration.Auto).Split(',', StringSplitOptions.TrimEntries);
        codec = null;
        foreach (string name in names)
        {
            switch (name)
            {
                case ProtocolConfiguration.Http1:
                    protocols |= DownstreamProtocols.Http1;
                    break;
                case ProtocolConfiguration.Http2:
                    protocols |= DownstreamProtocols.Http2;
                    break;
                case ProtocolConfiguration.Auto:
                    protocols |= DownstreamProtocols.Any;
                    break;
                case "X":
                    reader.Error(key, "\"X\" is not supported yet, wanted Http1, Http2, both with a comma between them, Auto, or the name of a codec");
                    return DownstreamProtocols.Any;
                default:
                    if (names.Length > 1)
                    {
                        ObjectReader.Wrong(reader.Take(key)!, reader.Problems, "Http1, Http2, both with a comma between them, Auto, or the name of one codec");
                        return DownstreamProtocols.Any;
                    }

                    codec = new ProtocolConfiguration(name, reader.Take(key));
                    return DownstreamProtocols.None;
            }
        }

        return protocols;
    }

    /// <summary>The limits under <c>Http2</c>.</summary>
    /// <param name="extend">The <c>extend_config</c>.</param>
    /// <param name="http">What holds for HTTP in any version.</param>
    public static Http2Configuration Limits(ObjectReader extend, HttpLimits http)
    {
        var defaults = new Http2Configuration { MaxHeaderList = http.MaxHeaderSize };
        if (extend.Object("Http2") is not { } keys)
        {
            return defaults;
        }

        var limits = new Http2Configuration
        {
            MaxConcurrentStreams = keys.Integer("max_concurrent_streams", defaults.MaxConcurrentStreams, 1, int.MaxValue),
            StreamWindow = keys.Integer("initial_stream_window_size", defaults.StreamWindow, Http2Configuration.LeastWindow, int.MaxValue),
            ConnectionWindow = keys.Integer("initial_connection_window_size", defaults.ConnectionWindow, Http2Configuration.LeastWindow, int.MaxValue),
            MaxFrameSize = keys.Integer("max_frame_size", defaults.MaxFrameSize, defaults.MaxFrameSize, LargestFrame),
            MaxHeaderList = keys.Integer("max_header_list_size", defaults.MaxHeaderList, 1024, 1024 * 1024),
            KeepaliveInterval = (int)keys.Duration("keepalive_interval", TimeSpan.Zero, ZeroDuration.MeansNone).TotalMilliseconds,
            KeepaliveTimeout = (int)keys.Duration("keepalive_timeout", TimeSpan.FromMilliseconds(defaults.KeepaliveTimeout), ZeroDuration.IsWrong).TotalMilliseconds,
        };
        keys.Ignore("http2_use_stream");
        keys.Finish();
        return limits;
    }

    /// <summary>What a cluster says of HTTP/2 to its hosts (<c>Http2</c>).</summary>
    public static UpstreamHttp2Configuration Upstream(ObjectReader cluster)
    {
        var defaults = new UpstreamHttp2Configuration();
        if (cluster.Object("Http2") is not { } keys)
        {
            return defaults;
        }

        var limits = new UpstreamHttp2Configuration
        {
            MaxConcurrentStreams = keys.Integer("max_concurrent_streams", defaults.MaxConcurrentStreams, 1, int.MaxValue),
            StreamWindow = keys.Integer("initial_stream_window_size", defaults.StreamWindow, Http2Configuration.LeastWindow, int.MaxValue),
            ConnectionWindow = keys.Integer("initial_connection_window_size", defaults.ConnectionWindow, Http2Configuration.LeastWindow, int.MaxValue),
            KeepaliveInterval = (int)keys.Duration("keepalive_interval", TimeSpan.FromMilliseconds(defaults.KeepaliveInterval), ZeroDuration.MeansNone).TotalMilliseconds,
            KeepaliveTimeout = (int)keys.Duration("keepalive_timeout", TimeSpan.FromMilliseconds(defaults.KeepaliveTimeout), ZeroDuration.IsWrong).TotalMilliseconds,
        };
        keys.Finish();
        return limits;
    }

    /// <summary>
    /// What ALPN offers on a listener: what it speaks, if the configuration does not say; otherwise what of that the listener speaks.
    /// </summary>
    public static TlsConfiguration WithProtocols(TlsConfiguration tls, DownstreamProtocols spoken)
    {
        bool http2 = (spoken & DownstreamProtocols.Http2) != 0;
        if (tls.ApplicationProtocols.Count > 0)
        {
            return http2 ? tls : tls with { ApplicationProtocols = [.. tls.ApplicationProtocols.Where(name => name != SslApplicationProtocol.Http2)] };
        }

        return !http2 ? tls : tls with
        {
            ApplicationProtocols = spoken == DownstreamProtocols.Http2 ? [SslApplicationProtocol.Http2] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
    }
}
