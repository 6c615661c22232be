namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/env?key=NAME</c>: variables of the process's environment, as many as there are keys, in MOSN's form. Any thread.</summary>
internal sealed class EnvironmentHandler : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/env";

    /// <inheritdoc/>
    public string Summary => "?key=NAME, as often as wanted: variables of the environment";

    /// <summary>Passwords and tokens stand there.</summary>
    public bool IsSensitive(AdminRequest request) => true;

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string[] keys = [.. request.Query.Where(static pair => pair.Key == "key").Select(static pair => pair.Value).Distinct()];
        if (keys.Length == 0)
        {
            return new(AdminResponse.Error(400, "no env key"));
        }

        string[] missing = [.. keys.Where(static key => Environment.GetEnvironmentVariable(key) is null)];
        return new(AdminResponse.Json(writer =>
        {
            writer.WriteStartObject();
            if (missing.Length < keys.Length)
            {
                writer.WriteStartObject("env");
                foreach (string key in keys.Except(missing).Order(StringComparer.Ordinal))
                {
                    writer.WriteString(key, Environment.GetEnvironmentVariable(key));
                }

                writer.WriteEndObject();
            }

            if (missing.Length > 0)
            {
                writer.WriteStartArray("not_found");
                foreach (string key in missing)
                {
                    writer.WriteStringValue(key);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }));
    }
}
