using Outrider.Assemblies.Swapping;
using Outrider.Filters;
using Outrider.Plugins.Libraries;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Modules;

/// <summary>A proxy whose stream filters come from modules.</summary>
internal static class ModuleProxy
{
    /// <summary>Starts one in front of an upstream, with these filters of a module, in order.</summary>
    internal static Task<TestProxy> StartAsync(string upstream, string module, params string[] filters)
        => StartAsync([upstream], [.. filters.Select(filter => Entry(module, filter))]);

    internal static Task<TestProxy> StartAsync(IEnumerable<string> upstreams, IReadOnlyList<string> entries, string extendConfig = "", string? routes = null, int loops = 1)
    {
        string log = Path.Combine(Path.GetTempPath(), $"outrider-test-{Guid.NewGuid():n}.log");
        return TestProxy.StartJsonAsync(Json(upstreams, entries, extendConfig, routes, loops, log), Registry(), log);
    }

    internal static StreamFilterRegistry Registry()
    {
        var registry = new StreamFilterRegistry();
        LibraryTypes.Register(registry, new AssemblyLibraries());
        return registry;
    }

    internal static string Entry(string module, string filter, string config = "null")
        => $$"""{"type":"library","library":{"path":"{{module}}","filter":"{{filter}}"},"config":{{config}}}""";

    internal static string Json(IEnumerable<string> upstreams, IReadOnlyList<string> entries, string extendConfig = "", string? routes = null, int loops = 1, string log = "")
    {
        string hosts = string.Join(",", upstreams.Select(u => $$"""{"address":"{{u}}"}"""));
        routes ??= """[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]""";
        return $$$$$"""
            {"servers":[{"overload_delay":"0s","default_log_path":"{{{{{log}}}}}","default_log_level":"DEBUG","graceful_timeout":"5s","processor":{{{{{loops}}}}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":{{{{{routes}}}}} }]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
              "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r","extend_config":{ {{{{{extendConfig}}}}} } } }]}],
              "stream_filters":[{{{{{string.Join(",", entries)}}}}}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{{{{{hosts}}}}}]}]},
            "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}}
            """;
    }
}
