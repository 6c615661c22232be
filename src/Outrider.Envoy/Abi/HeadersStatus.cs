namespace Outrider.Envoy.Abi;

/// <summary>What a headers hook answers, for requests and responses alike.</summary>
internal enum HeadersStatus
{
    Continue,
    StopIteration,
    ContinueAndDontEndStream,
    StopAllIterationAndBuffer,
    StopAllIterationAndWatermark,
}
