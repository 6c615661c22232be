using System.Globalization;
using System.Text.Json;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/api/v1/stats</c>: counters in the form and under the names of MOSN's console sink, as far as they are kept here; times in
/// nanoseconds. <c>?key=downstream.proxy.global</c> shows one group. Any thread.
/// </summary>
/// <param name="source">Where the counters are.</param>
internal sealed class StatsHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/stats";

    /// <inheritdoc/>
    public string Summary => "counters under MOSN's names; ?key=GROUP for one group";

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (request.Query.Count > 1)
        {
            return AdminResponse.Text("only support one parameter", 400);
        }

        var all = await MosnStats.CollectAsync(source).ConfigureAwait(false);
        if (request.Query.Count == 1)
        {
            string key = request.Query[0].Key == "key" ? request.Query[0].Value : "";
            string type = key.Split('.')[0];
            string group = key.Length > type.Length ? key[(type.Length + 1)..] : "";
            if (!all.TryGetValue(type, out var groups) || !groups.TryGetValue(group, out var counters))
            {
                return AdminResponse.Text("no metrics key: " + key);
            }

            all = new() { [type] = new() { [group] = counters } };
        }

        return AdminResponse.Json(writer => Write(writer, all), indent: "\t") with { ContentType = AdminResponse.PlainText };
    }

    private static void Write(Utf8JsonWriter writer, SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, decimal>>> all)
    {
        writer.WriteStartObject();
        foreach ((string type, var groups) in all)
        {
            writer.WriteStartObject(type);
            foreach ((string group, var counters) in groups)
            {
                writer.WriteStartObject(group);
                foreach ((string name, decimal value) in counters)
                {
                    // MOSN writes numbers as strings.
                    writer.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
