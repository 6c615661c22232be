namespace Outrider.Filters;

/// <summary>Hands over what outlives an object that was made of a configuration (<see cref="ISwapState"/>) to the one that follows it. The thread that loads.</summary>
internal static class SwapStates
{
    /// <summary>Whose state it is, beside the name that the configuration uses.</summary>
    internal static string NameOf(object made) => (made as IStateOwner)?.StateName ?? "";

    /// <summary>Gives <paramref name="next"/> what <paramref name="before"/> knows, where both have state.</summary>
    /// <param name="before">What is in force: a factory, or a configuration object.</param>
    /// <param name="next">What follows it, before its first stream.</param>
    /// <param name="failed">Told what either of them throws: the next one begins empty.</param>
    internal static void Carry(object before, object next, Action<Exception> failed)
    {
        if (Of(before) is not { } old || Of(next) is not { } own || old == own)
        {
            return;
        }

        try
        {
            own.RestoreState(old.SaveState());
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    /// <summary>The state of a factory, or of a configuration object; null where it has none.</summary>
    internal static ISwapState? Of(object made) => made as ISwapState ?? (made as IStateOwner)?.State;
}
