namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/env?key=HOME&amp;key=NAME</c>: variables of the environment by name. They may be secrets: for clients on this machine alone, unless told otherwise. Any thread.</summary>
internal sealed class EnvHandler : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/env";

    /// <inheritdoc/>
    public string Summary => "?key=NAME, once or more: variables of the environment";

    /// <inheritdoc/>
    public bool IsSensitive(AdminRequest request) => true;

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string[] keys = [.. request.Query.Where(one => one.Key == "key").Select(one => one.Value)];
        if (keys.Length == 0)
        {
            return new(AdminResponse.Error(400, "no env key"));
        }

        return new(AdminResponse.Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("env");
            foreach (string key in keys.Distinct().Where(IsSet).Order(StringComparer.Ordinal))
            {
                writer.WriteString(key, Environment.GetEnvironmentVariable(key));
            }

            writer.WriteEndObject();

            // As Go writes a list that nothing was added to.
            if (keys.All(IsSet))
            {
                writer.WriteNull("not_found");
            }
            else
            {
                writer.WriteStartArray("not_found");
                foreach (string key in keys.Where(key => !IsSet(key)))
                {
                    writer.WriteStringValue(key);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }));
    }

    private static bool IsSet(string key) => key.Length > 0 && !key.Contains('\0') && Environment.GetEnvironmentVariable(key) is not null;
}
