namespace Outrider.Filters;

/// <summary>A factory whose filters have state that outlives them, where it is not an <see cref="ISwapState"/> itself.</summary>
internal interface IStateOwner
{
    /// <summary>Whose state it is, beside the name that the configuration uses: only what has the same follows it.</summary>
    string StateName { get; }

    /// <summary>The state; null where there is none.</summary>
    ISwapState? State { get; }
}
