using System.Text.Json;
using System.Text.Json.Nodes;

namespace Outrider.Developing;

/// <summary>The configuration that a project's filters run with while somebody is at work on them: a listener, the filters, and a small upstream.</summary>
internal static class DevConfiguration
{
    private static readonly JsonDocumentOptions s_mosn = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>
    /// The chain: that of the project's own configuration (the first listener's <c>stream_filters</c> in a file of MOSN's form, or a bare list of them), with its
    /// filters taken from the file that is built; without one, all filters of the project with nothing configured.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal static JsonArray Chain(string? file, string assembly, IReadOnlyList<string> names)
    {
        var configured = file is null ? null : Read(file);
        var chain = new JsonArray();
        foreach (var entry in configured ?? [.. names.Select(static name => (JsonNode)new JsonObject { ["type"] = name })])
        {
            string? type = entry?["type"]?.GetValue<string>();
            chain.Add(type is not null && names.Contains(type)
                ? new JsonObject
                {
                    ["type"] = "library",
                    ["library"] = new JsonObject { ["path"] = assembly, ["filter"] = type },
                    ["config"] = entry!["config"]?.DeepClone() ?? new JsonObject(),
                }
                : entry?.DeepClone());
        }

        return chain;
    }

    /// <summary>The whole of it, for Outrider's own proxy.</summary>
    internal static string Mosn(string listen, string upstream, JsonArray chain) => new JsonObject
    {
        ["servers"] = new JsonArray(new JsonObject
        {
            ["default_log_path"] = "stderr",
            ["default_log_level"] = "WARN",
            ["graceful_timeout"] = "2s",
            ["routers"] = new JsonArray(new JsonObject
            {
                ["router_config_name"] = "dev",
                ["virtual_hosts"] = new JsonArray(new JsonObject
                {
                    ["name"] = "all",
                    ["domains"] = new JsonArray("*"),
                    ["routers"] = new JsonArray(new JsonObject { ["match"] = new JsonObject { ["prefix"] = "/" }, ["route"] = new JsonObject { ["cluster_name"] = "upstream" } }),
                }),
            }),
            ["listeners"] = new JsonArray(new JsonObject
            {
                ["name"] = "dev",
                ["address"] = listen,
                ["bind_port"] = true,
                ["filter_chains"] = new JsonArray(new JsonObject
                {
                    ["filters"] = new JsonArray(new JsonObject
                    {
                        ["type"] = "proxy",
                        ["config"] = new JsonObject { ["downstream_protocol"] = "Http1", ["upstream_protocol"] = "Http1", ["router_config_name"] = "dev" },
                    }),
                }),
                ["stream_filters"] = chain.DeepClone(),
            }),
        }),
        ["cluster_manager"] = new JsonObject
        {
            ["clusters"] = new JsonArray(new JsonObject
            {
                ["name"] = "upstream",
                ["type"] = "SIMPLE",
                ["lb_type"] = "LB_ROUNDROBIN",
                ["hosts"] = new JsonArray(new JsonObject { ["address"] = upstream }),
            }),
        },
    }.ToJsonString(s_indented);

    /// <summary>The whole of it, for a stock Envoy with <c>liboutrider.so</c>. JSON is YAML.</summary>
    /// <exception cref="IOException">A filter of the chain is none of the project's: Envoy does not know it.</exception>
    internal static string Envoy(string module, string listen, string upstream, JsonArray chain)
    {
        var filters = new JsonArray();
        foreach (var entry in chain)
        {
            var library = entry?["library"] ?? throw new IOException($"'{entry?["type"]}' is no filter of the project, and Envoy has none of that name");
            filters.Add(new JsonObject
            {
                ["name"] = library["filter"]!.GetValue<string>(),
                ["typed_config"] = new JsonObject
                {
                    ["@type"] = "type.googleapis.com/envoy.extensions.filters.http.dynamic_modules.v3.DynamicModuleFilter",
                    ["dynamic_module_config"] = new JsonObject { ["module"] = new JsonObject { ["local"] = new JsonObject { ["filename"] = module } }, ["do_not_close"] = true },
                    ["filter_name"] = library["filter"]!.GetValue<string>(),
                    ["filter_config"] = new JsonObject
                    {
                        ["@type"] = "type.googleapis.com/google.protobuf.Struct",
                        ["value"] = new JsonObject { ["assembly"] = library["path"]!.GetValue<string>(), ["config"] = entry["config"]!.DeepClone() },
                    },
                },
            });
        }

        filters.Add(Typed("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router"));
        var log = Typed("log", "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog");
        log["typed_config"]!["log_format"] = new JsonObject
        {
            ["text_format_source"] = new JsonObject { ["inline_string"] = "%REQ(:METHOD)% %REQ(:PATH)% -> %RESPONSE_CODE% in %DURATION% ms (upstream %RESPONSE_DURATION% ms) %RESPONSE_CODE_DETAILS%\n" },
        };
        var manager = Typed("envoy.filters.network.http_connection_manager", "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager");
        var settings = manager["typed_config"]!.AsObject();
        settings["stat_prefix"] = "dev";
        settings["access_log"] = new JsonArray(log);
        settings["http_filters"] = filters;
        settings["route_config"] = new JsonObject
        {
            ["virtual_hosts"] = new JsonArray(new JsonObject
            {
                ["name"] = "all",
                ["domains"] = new JsonArray("*"),
                ["routes"] = new JsonArray(new JsonObject { ["match"] = new JsonObject { ["prefix"] = "/" }, ["route"] = new JsonObject { ["cluster"] = "upstream" } }),
            }),
        };
        return new JsonObject
        {
            ["static_resources"] = new JsonObject
            {
                ["listeners"] = new JsonArray(new JsonObject
                {
                    ["name"] = "dev",
                    ["address"] = Address(listen),
                    ["filter_chains"] = new JsonArray(new JsonObject { ["filters"] = new JsonArray(manager) }),
                }),
                ["clusters"] = new JsonArray(new JsonObject
                {
                    ["name"] = "upstream",
                    ["type"] = "STATIC",
                    ["load_assignment"] = new JsonObject
                    {
                        ["cluster_name"] = "upstream",
                        ["endpoints"] = new JsonArray(new JsonObject { ["lb_endpoints"] = new JsonArray(new JsonObject { ["endpoint"] = new JsonObject { ["address"] = Address(upstream) } }) }),
                    },
                }),
            },
        }.ToJsonString(s_indented);
    }

    /// <summary>What a filter of the chain is called: the name in the file, where one names it.</summary>
    internal static string NameOf(Outrider.Filters.FilterConfiguration configuration)
        => !configuration.Entry.IsEmpty && JsonNode.Parse(configuration.Entry.Span)?["library"]?["filter"] is { } name ? name.GetValue<string>() : configuration.Type;

    private static JsonObject Typed(string name, string type) => new() { ["name"] = name, ["typed_config"] = new JsonObject { ["@type"] = "type.googleapis.com/" + type } };

    private static JsonObject Address(string text)
    {
        int colon = text.LastIndexOf(':');
        return new JsonObject
        {
            ["socket_address"] = new JsonObject { ["address"] = text[..colon], ["port_value"] = int.Parse(text.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture) },
        };
    }

    private static JsonArray? Read(string file)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(file), documentOptions: s_mosn);
            return root as JsonArray ?? root?["servers"]?[0]?["listeners"]?[0]?["stream_filters"] as JsonArray ?? root?["stream_filters"] as JsonArray;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new IOException($"{file}: {e.Message}", e);
        }
    }
}
