namespace Outrider.Modules.Abi;

/// <summary>What a headers hook answers, for requests and responses alike.</summary>
internal enum HeadersStatus
{
    Continue,
    StopIteration,
    ContinueAndDontEndStream,
    StopAllIterationAndBuffer,
    StopAllIterationAndWatermark,
}
