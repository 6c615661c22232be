using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the <c>proxy</c> network filter.</summary>
internal static class ProxyFilterBinder
{
    private static readonly Dictionary<string, UnderscoreRule> s_underscoreRules = new(StringComparer.OrdinalIgnoreCase)
    {
        ["pass"] = UnderscoreRule.Pass,
        ["drop"] = UnderscoreRule.Drop,
        ["refuse"] = UnderscoreRule.Refuse,
    };

    public static ProxyFilterConfiguration? Bind(ObjectReader filter, RouterBinder routers)
    {
        if (filter.Object("config") is not { } config)
        {
            if (filter.Take("config") is null)
            {
                filter.Error("config", "is missing and required");
            }

            return null;
        }

        string? router = config.RequiredText("router_config_name");
        if (router is not null)
        {
            routers.Require(config.Take("router_config_name")!);
        }

        var downstream = Http2Binder.Downstream(config, out var codec);
        var limits = Limits(config, out var http2);
        var configuration = new ProxyFilterConfiguration
        {
            Name = config.Text("name") ?? "",
            Downstream = downstream,
            Codec = codec,
            UpstreamProtocol = Protocol(config, "upstream_protocol"),
            RouterConfigName = router ?? "",
            FallsBack = config.Flag("fallback_for_unknown_protocol", false),
            RouteHandler = config.Text("router_handler_name") ?? "",
            RouteHandlerOrigin = config.Take("router_handler_name"),
            Limits = limits,
            Http2 = (downstream & DownstreamProtocols.Http2) == 0 ? null : http2 with { IsOnly = downstream == DownstreamProtocols.Http2 },
        };
        
        // Clusters of routes are looked for when the file is read; and streams run on loops, not on workers.
        _ = config.Flag("validate_clusters", true);
        _ = config.Integer("concurrency_num", 0, 0, int.MaxValue);
        config.Finish();
        return configuration;
    }

    /// <summary>The protocol under a key; empty means <c>Auto</c>.</summary>
    public static ProtocolConfiguration Protocol(ObjectReader reader, string key)
    {
        string name = reader.Text(key) ?? ProtocolConfiguration.Auto;
        if (name == "X")
        {
            reader.Error(key, "\"X\" is not supported yet, wanted Http1, Http2, Auto, or the name of a codec");
            return ProtocolConfiguration.Default;
        }

        return new ProtocolConfiguration(name, reader.Take(key));
    }

    private static HttpLimits Limits(ObjectReader config, out Http2Configuration http2)
    {
        var defaults = new HttpLimits();
        http2 = new Http2Configuration();
        if (config.Object("extend_config") is not { } extend)
        {
            return defaults;
        }

        // MOSN reads either form: one object for each protocol, or (older) the keys directly.
        ObjectReader limits = extend.Object("Http1") ?? extend;
        var configuration = new HttpLimits
        {
            MaxRequestLineSize = limits.Integer("max_request_line_size", defaults.MaxRequestLineSize, 256, 65536),
            MaxHeaderSize = limits.IntegerOrDefault("max_header_size", defaults.MaxHeaderSize, 1024, 1024 * 1024),
            MaxHeaderCount = limits.Integer("max_header_count", defaults.MaxHeaderCount, 1, 4096),
            MaxRequestBodySize = limits.Long("max_request_body_size", defaults.MaxRequestBodySize, 0, long.MaxValue),
            MaxCallouts = limits.Integer("max_callouts", defaults.MaxCallouts, 1, 65536),
            MaxBufferedBodySize = limits.Integer("max_buffered_body_size", defaults.MaxBufferedBodySize, 1, int.MaxValue),
            HeaderTimeout = limits.Duration("header_timeout", defaults.HeaderTimeout, ZeroDuration.IsWrong),
            BodyTimeout = limits.Duration("body_timeout", defaults.BodyTimeout, ZeroDuration.IsWrong),
            MinHeaderRate = limits.Integer("min_header_rate", defaults.MinHeaderRate, 0, int.MaxValue),
            MinBodyRate = limits.Integer("min_body_rate", defaults.MinBodyRate, 0, int.MaxValue),
            MinRateGrace = limits.Duration("min_rate_grace", defaults.MinRateGrace, ZeroDuration.IsWrong),
            SendTimeout = limits.Duration("send_timeout", defaults.SendTimeout, ZeroDuration.IsWrong),
            FilterTimeout = limits.Duration("filter_timeout", defaults.FilterTimeout, ZeroDuration.IsWrong),
            Forwarding = ForwardingBinder.Bind(limits),
            StrictTarget = limits.Flag("strict_target", !limits.Flag("relaxed_target", !defaults.StrictTarget)),
            Underscores = limits.Choice("underscores_in_headers", defaults.Underscores, s_underscoreRules),
        };
        if (configuration.MaxRequestLineSize > configuration.MaxHeaderSize)
        {
            limits.Error("max_request_line_size", $"is more than max_header_size ({configuration.MaxHeaderSize}), which counts the request line too");
        }

        http2 = Http2Binder.Limits(extend, configuration);
        extend.Ignore("X");
        _ = extend.Flag("http2_use_stream", true) | extend.Flag("enable_worker_pool", false);
        if (extend.Text("sub_protocol") is not null)
        {
            extend.Excuse("sub_protocol", "names RPC protocols, of which none is spoken here");
        }

        extend.Finish();
        if (!ReferenceEquals(limits, extend))
        {
            limits.Finish();
        }

        return configuration;
    }
}
