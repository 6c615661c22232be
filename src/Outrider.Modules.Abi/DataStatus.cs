namespace Outrider.Modules.Abi;

/// <summary>What a body hook answers.</summary>
internal enum DataStatus
{
    Continue,
    StopIterationAndBuffer,
    StopIterationAndWatermark,
    StopIterationNoBuffer,
}
