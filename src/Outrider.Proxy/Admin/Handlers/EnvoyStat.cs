namespace Outrider.Proxy.Admin.Handlers;

/// <summary>One statistic in Envoy's form.</summary>
/// <param name="Scope">What it is of: <c>cluster</c>, <c>listener</c>, <c>http</c>, <c>server</c>.</param>
/// <param name="Owner">Which one; empty for the server.</param>
/// <param name="Name">Its name there: <c>upstream_rq_total</c>.</param>
/// <param name="IsGauge">Can it become less?</param>
/// <param name="Value">What it is.</param>
internal readonly record struct EnvoyStat(string Scope, string Owner, string Name, bool IsGauge, long Value)
{
    /// <summary>The name as Envoy's <c>/stats</c> has it: <c>cluster.up.upstream_rq_total</c>.</summary>
    public string FullName => Owner.Length == 0 ? $"{Scope}.{Name}" : $"{Scope}.{Owner}.{Name}";

    /// <summary>The label that Prometheus' form has for the owner.</summary>
    public static string LabelOf(string scope) => scope switch
    {
        "cluster" => "envoy_cluster_name",
        "listener" => "envoy_listener_address",
        _ => "envoy_http_conn_manager_prefix",
    };
}
