namespace Outrider.Modules.Abi;

/// <summary>How a callout ended.</summary>
internal enum CalloutResult
{
    Success,
    Reset,
    ExceedResponseBufferLimit,
}
