namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/filter_costs</c>: what each filter of listeners with <c>filter_costs</c> has cost since the start, by method. Any thread.</summary>
/// <param name="source">Where the counters are.</param>
internal sealed class FilterCostsHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/filter_costs";

    /// <inheritdoc/>
    public string Summary => "what filters cost, by listener, filter and method, where filter_costs is on";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request) => new(AdminResponse.Json(writer =>
    {
        writer.WriteStartArray();
        foreach (var filter in source.Stats.AllFilterCosts)
        {
            writer.WriteStartObject();
            writer.WriteString("listener", filter.Listener);
            writer.WriteString("filter", filter.Filter);
            writer.WriteStartObject("phases");
            foreach (var (phase, cost) in filter.Phases())
            {
                writer.WriteStartObject(FilterCostMetrics.NameOf(phase));
                writer.WriteNumber("calls", cost.Calls);
                writer.WriteNumber("microseconds", Math.Round(FilterCostMetrics.Seconds(cost.Ticks) * 1e6, 1));
                writer.WriteNumber("waiting_microseconds", Math.Round(FilterCostMetrics.Seconds(cost.WaitTicks) * 1e6, 1));
                writer.WriteNumber("errors", cost.Errors);
                writer.WriteNumber("allocated_bytes", cost.AllocatedBytes);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }));
}
