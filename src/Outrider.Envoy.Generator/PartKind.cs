namespace Outrider.Envoy.Generator;

/// <summary>What a class is, by its attribute.</summary>
internal enum PartKind
{
    /// <summary><c>[StreamFilter]</c>.</summary>
    Filter,

    /// <summary><c>[MetadataDriver]</c>.</summary>
    Driver,

    /// <summary><c>[Transcoder]</c>.</summary>
    Transcoder,
}
