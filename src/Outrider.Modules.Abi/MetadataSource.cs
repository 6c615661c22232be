namespace Outrider.Modules.Abi;

/// <summary>Whose metadata is read. Only a stream's own (<see cref="Dynamic"/>) can be written.</summary>
internal enum MetadataSource
{
    Dynamic,
    Route,
    Cluster,
    Host,
    HostLocality,
}
