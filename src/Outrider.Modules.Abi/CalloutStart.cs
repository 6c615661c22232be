namespace Outrider.Modules.Abi;

/// <summary>What became of the attempt to start a callout.</summary>
internal enum CalloutStart
{
    Success,
    MissingRequiredHeaders,
    ClusterNotFound,
    DuplicateCalloutId,
    CannotCreateRequest,
}
