using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>POST /api/v1/resources</c>: several resources at once, <c>{"clusters": [{"name": …}], "hosts": {"NAME": […]}, "routers": […], "listeners": […]}</c>,
/// and under <c>remove</c> names, <c>{"clusters": ["NAME"]}</c>, of which the file's word counts again. Any thread.
/// </summary>
/// <param name="source">Where they go.</param>
internal sealed class ResourceSetHandler(IAdminSource source) : IAdminHandler
{
    /// <summary>Most bytes of resources in one request: 10 000 clusters with their hosts are about 3 MB.</summary>
    public const int MaxResources = 16 * 1024 * 1024;

    private static readonly (string Key, string Name, ConfigurationResourceKind Kind)[] s_kinds =
    [
        ("clusters", "name", ConfigurationResourceKind.Cluster),
        ("hosts", "", ConfigurationResourceKind.Hosts),
        ("routers", "router_config_name", ConfigurationResourceKind.Router),
        ("listeners", "name", ConfigurationResourceKind.Listener),
    ];

    /// <inheritdoc/>
    public string Path => "/api/v1/resources";

    /// <inheritdoc/>
    public string Method => "POST";

    /// <inheritdoc/>
    public bool NeedsToken => true;

    /// <inheritdoc/>
    public int MaxBody => MaxResources;

    /// <inheritdoc/>
    public string Summary => "{\"clusters\": [], \"hosts\": {\"NAME\": []}, \"routers\": [], \"listeners\": [], \"remove\": {\"clusters\": [\"NAME\"]}} come into force together";

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        IReadOnlyList<ConfigurationResource> resources;
        try
        {
            using var document = JsonDocument.Parse(request.Body);
            resources = Read(document.RootElement);
        }
        catch (JsonException e)
        {
            return AdminResponse.Text($"not JSON: {e.Message}\n", 400);
        }
        catch (FormatException e)
        {
            return AdminResponse.Text(e.Message + "\n", 400);
        }

        return ResourceAnswer.Of(await source.ApplyAsync(resources).ConfigureAwait(false));
    }

    private static List<ConfigurationResource> Read(JsonElement root)
    {
        List<ConfigurationResource> resources = [];
        foreach (var member in Members(root, "the body"))
        {
            if (member.Name == "remove")
            {
                foreach (var removed in Members(member.Value, "remove"))
                {
                    var kind = KindOf(removed.Name, "remove.").Kind;
                    resources.AddRange(Items(removed.Value, "remove." + removed.Name).Select(name => new ConfigurationResource(kind, TextOf(name, "remove." + removed.Name), default)));
                }

                continue;
            }

            var (key, nameKey, of) = KindOf(member.Name, "");
            resources.AddRange(of == ConfigurationResourceKind.Hosts
                ? Members(member.Value, key).Select(hosts => new ConfigurationResource(of, hosts.Name, Bytes(hosts.Value)))
                : Items(member.Value, key).Select(item => new ConfigurationResource(of, NameOf(item, nameKey, key), Bytes(item))));
        }

        return resources;
    }

    private static (string Key, string Name, ConfigurationResourceKind Kind) KindOf(string key, string place)
        => Array.Find(s_kinds, kind => kind.Key == key) is { Key: not null } found ? found : throw new FormatException($"unknown key \"{place}{key}\"; there are clusters, hosts, routers, listeners and remove");

    private static string NameOf(JsonElement item, string nameKey, string key)
        => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(nameKey, out var name) ? TextOf(name, $"{key}[].{nameKey}") : throw new FormatException($"an item of {key} has no {nameKey}");

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string what)
        => element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : throw new FormatException($"{what} is no object");

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string what)
        => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw new FormatException($"{what} is no array");

    private static string TextOf(JsonElement element, string what)
        => element is { ValueKind: JsonValueKind.String } && element.GetString() is { Length: > 0 } text ? text : throw new FormatException($"{what}: a name is a string that is not empty");

    private static byte[] Bytes(JsonElement element) => System.Text.Encoding.UTF8.GetBytes(element.GetRawText());
}
