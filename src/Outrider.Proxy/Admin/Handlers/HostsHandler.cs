using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary><c>/api/v1/clusters/NAME/hosts</c>: the hosts of a cluster as they are now, and with POST others in their place. Any thread.</summary>
/// <param name="source">Where clusters are.</param>
internal sealed class HostsHandler(IAdminSource source) : IAdminHandler
{
    /// <summary>What the path ends with.</summary>
    public const string Suffix = "/hosts";

    private const string Prefix = "/api/v1/clusters/";

    /// <inheritdoc/>
    public string Path => Prefix + "NAME" + Suffix;

    /// <inheritdoc/>
    public int MaxBody => ResourceSetHandler.MaxResources;

    /// <inheritdoc/>
    public string Summary => "the hosts of now; POST: [{\"address\": \"10.0.0.1:80\"}] replaces them, no body: the file's again";

    /// <inheritdoc/>
    public bool Answers(string path) => path.Length > Prefix.Length + Suffix.Length && path.StartsWith(Prefix, StringComparison.Ordinal) && path.EndsWith(Suffix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Changes(AdminRequest request) => request.Method is not ("GET" or "HEAD");

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string name = request.Path[Prefix.Length..^Suffix.Length];
        if (request.Method == "POST")
        {
            return ResourceAnswer.Of(await source.ApplyAsync([new ConfigurationResource(ConfigurationResourceKind.Hosts, name, request.Body)]).ConfigureAwait(false));
        }

        return source.Clusters.FirstOrDefault(cluster => cluster.Name == name) is { } cluster ? Show(cluster) : AdminResponse.Text($"there is no cluster '{name}'\n", 404);
    }

    private static AdminResponse Show(AdminCluster cluster) => AdminResponse.Json(writer => Write(writer, cluster));

    private static void Write(Utf8JsonWriter writer, AdminCluster cluster)
    {
        writer.WriteStartArray();
        foreach (var host in cluster.Hosts)
        {
            writer.WriteStartObject();
            writer.WriteString("address", host.Address);
            if (host.Name != host.Address)
            {
                writer.WriteString("name", host.Name);
            }

            writer.WriteBoolean("healthy", host.IsHealthy);
            writer.WriteNumber("requests_active", host.Active);
            writer.WriteNumber("requests_total", host.Total);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
