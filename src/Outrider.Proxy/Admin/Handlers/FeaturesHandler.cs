namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/features</c>: MOSN's feature gates, and whether what they stand for is there. <c>?key=NAME</c>: <c>true</c> or <c>false</c>. Any thread.</summary>
internal sealed class FeaturesHandler : IAdminHandler
{
    // Payload limits are a filter here, which a configuration names or not; the others are of what is not supported.
    private static readonly SortedDictionary<string, bool> s_features = new(StringComparer.Ordinal)
    {
        ["auto_config"] = false,
        ["MultiTenantMode"] = false,
        ["PayLoadLimitEnable"] = true,
        ["XdsMtlsEnable"] = false,
    };

    /// <inheritdoc/>
    public string Path => "/api/v1/features";

    /// <inheritdoc/>
    public string Summary => "MOSN's feature gates; ?key=NAME for one";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (request.Query.Count > 0)
        {
            string name = request.Query.FirstOrDefault(one => one.Key == "key").Value ?? "";
            return new(AdminResponse.Text(s_features.GetValueOrDefault(name) ? "true" : "false"));
        }

        return new(AdminResponse.Json(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, isThere) in s_features)
            {
                writer.WriteBoolean(name, isThere);
            }

            writer.WriteEndObject();
        }));
    }
}
