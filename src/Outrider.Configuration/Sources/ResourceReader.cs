using System.Text.Json;
using Outrider.Configuration.Binding;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Sources;

/// <summary>Reads resources that a source gives as JSON, each for itself. One thread at a time.</summary>
/// <param name="inForce">What is in force.</param>
/// <param name="source">The source's name, for problems.</param>
internal sealed class ResourceReader(ProxyConfiguration inForce, string source)
{
    private readonly HashSet<string> _clusters = [.. inForce.Clusters.Select(cluster => cluster.Name)];
    private readonly HashSet<string> _routers = [.. inForce.Server.Routers.Select(router => router.Name)];

    /// <summary>Reads them. Those of one update may name each other.</summary>
    public IReadOnlyList<ResourceChange> Read(IReadOnlyList<ConfigurationResource> resources)
    {
        foreach (var resource in resources.Where(resource => !resource.IsRemoval))
        {
            _ = resource.Kind switch
            {
                ConfigurationResourceKind.Cluster => _clusters.Add(resource.Name),
                ConfigurationResourceKind.Router => _routers.Add(resource.Name),
                _ => false,
            };
        }

        return [.. resources.Select(Read)];
    }

    private ResourceChange Read(ConfigurationResource resource)
    {
        var name = new ResourceName(resource.Kind, resource.Name);
        if (resource.IsRemoval)
        {
            return new ResourceChange(name);
        }

        var problems = new ProblemLog();
        object? value = null;
        try
        {
            value = Bind(resource, problems);
        }
        catch (ConfigurationException e)
        {
            problems.Error(e.Problems);
        }

        return new ResourceChange(name) { Value = value, Json = resource.Json, Errors = problems.Errors, Warnings = problems.Warnings };
    }

    private object? Bind(ConfigurationResource resource, ProblemLog problems)
    {
        (string key, var json) = resource.Kind switch
        {
            ConfigurationResourceKind.Cluster => ("name", Named(resource, "name")),
            ConfigurationResourceKind.Router => ("router_config_name", Named(resource, "router_config_name")),
            ConfigurationResourceKind.Listener => ("name", Named(resource, "name")),
            _ => ("", HostsOf(resource)),
        };
        var document = ConfigurationDocument.Parse(json, $"{source}: {new ResourceName(resource.Kind, resource.Name)}", inForce.Origin.Folder);
        if (ObjectReader.Open(document.Root, problems) is not { } reader)
        {
            return null;
        }

        if (key.Length > 0 && reader.Text(key) is { } said && said != resource.Name)
        {
            reader.Error(key, $"says \"{said}\", but what is replaced is \"{resource.Name}\"");
            return null;
        }

        switch (resource.Kind)
        {
            case ConfigurationResourceKind.Cluster:
                var clusters = new ClusterBinder(problems);
                clusters.Add(reader);
                return clusters.Clusters[0];
            case ConfigurationResourceKind.Hosts:
                if (reader.Take("hosts") is null)
                {
                    reader.Error("hosts", "is missing and required");
                }

                var hosts = new ClusterBinder(problems).Hosts(reader);
                reader.Finish();
                return hosts;
            case ConfigurationResourceKind.Router:
                var routers = new RouterBinder(problems, _clusters);
                routers.Bind([reader]);
                return routers.Routers[0];
            default:
                var known = new RouterBinder(problems, _clusters);
                known.Know(_routers);
                var listeners = new ListenerBinder(problems, known, _clusters, []);
                listeners.Add(reader);
                known.CheckRequired();
                return listeners.Listeners[0];
        }
    }

    // What says no name has that of the resource: it is put in front, on the first line, so that lines stay what they are.
    private static ReadOnlyMemory<byte> Named(ConfigurationResource resource, string key)
    {
        var text = resource.Json.Span.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != '{' || HasName(resource.Json, key))
        {
            return resource.Json;
        }

        bool isEmpty = text[1..].Trim(" \t\r\n"u8).StartsWith("}"u8);
        return Joined($"{{{JsonSerializer.Serialize(key)}:{JsonSerializer.Serialize(resource.Name)}{(isEmpty ? "" : ",")}", text[1..], "");
    }

    // Hosts alone are an array; whoever sends an object has an array in it.
    private static ReadOnlyMemory<byte> HostsOf(ConfigurationResource resource)
        => resource.Json.Span.Trim(" \t\r\n"u8) is [(byte)'[', ..] text ? Joined("{\"hosts\":", text, "}") : resource.Json;

    private static bool HasName(ReadOnlyMemory<byte> json, string key)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().Any(member => member.Name.Equals(key, StringComparison.OrdinalIgnoreCase));
        }
        catch (JsonException)
        {
            // Whoever reads it says what is wrong.
            return true;
        }
    }

    private static byte[] Joined(string before, ReadOnlySpan<byte> text, string after)
        => [.. System.Text.Encoding.UTF8.GetBytes(before), .. text, .. System.Text.Encoding.UTF8.GetBytes(after)];
}
