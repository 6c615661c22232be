namespace Outrider.Modules.Abi;

/// <summary>What a trailers hook answers.</summary>
internal enum TrailersStatus
{
    Continue,
    StopIteration,
}
