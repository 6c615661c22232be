namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/api/v1/features</c>: MOSN's feature gates with what they are here, <c>?key=NAME</c> for one: <c>true</c> or <c>false</c>, which is said of unknown ones too. Any thread.
/// </summary>
internal sealed class FeaturesHandler : IAdminHandler
{
    // What MOSN can be told to do without: here the configuration says so, and there are no gates. xDS is not there.
    private static readonly SortedDictionary<string, bool> s_features = new(StringComparer.Ordinal)
    {
        ["MultiTenantMode"] = false,
        ["PayLoadLimitEnable"] = true,
        ["XdsMtlsEnable"] = false,
        ["auto_config"] = false,
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
            string key = request.Query.FirstOrDefault(static pair => pair.Key == "key").Value ?? "";
            return new(AdminResponse.Text(s_features.GetValueOrDefault(key) ? "true" : "false"));
        }

        return new(AdminResponse.Json(static writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, isOn) in s_features)
            {
                writer.WriteBoolean(name, isOn);
            }

            writer.WriteEndObject();
        }));
    }
}
