namespace Outrider.Envoy.Abi;

/// <summary>What a trailers hook answers.</summary>
internal enum TrailersStatus
{
    Continue,
    StopIteration,
}
