using System.ComponentModel.DataAnnotations;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>MetadataMatcher</c>, for values of a namespace's top level.</summary>
internal sealed class MetadataMatcherSettings
{
    // What Istio's older control planes ask for, and MOSN looks up in the client's certificate.
    private const string MeshFilter = "istio_authn", MeshKey = "source.principal";

    /// <summary>The namespace. Required.</summary>
    [Required]
    public string Filter { get; set; } = "";

    /// <summary>The value's key: one. Required.</summary>
    public MetadataSegmentSettings[]? Path { get; set; }

    /// <summary>What the value is. Required.</summary>
    [Required]
    public ValueMatcherSettings? Value { get; set; }

    /// <summary>The other way round.</summary>
    public bool Invert { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal RbacTest Compile(string path)
    {
        if (Path is not [{ Key.Length: > 0 } only])
        {
            throw new FilterConfigurationException(path + ".path", "wanted one key: objects in metadata cannot be looked into");
        }

        var value = Value!;
        string ns = Filter, key = only.Key;
        if (ns == MeshFilter && key == MeshKey)
        {
            var fits = (value.StringMatch ?? throw new FilterConfigurationException(path + ".value", "wanted \"stringMatch\"")).Compile(path + ".value.stringMatch");
            return (stream, _) => PeerNames.OfMesh(stream.DownstreamTls).Any(fits) != Invert;
        }

        var holds = value.Compile(path + ".value");
        return (stream, _) => holds(stream.Metadata, ns, key) != Invert;
    }
}
