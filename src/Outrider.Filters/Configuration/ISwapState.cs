namespace Outrider.Filters;

/// <summary>
/// State of a filter that outlives its configuration object: a rate limiter's counts, a cache. Implemented by the typed configuration, or by the
/// factory of a filter that has one. When a configuration is made anew for the same entry, because the file of its code has changed or
/// the proxy's configuration was loaded again, the old object is asked for its state and the new one is given it before its first stream.
/// </summary>
/// <remarks>Only bytes pass, as the two may be of two versions of one class. What the old object's streams change after that is not carried over. Not in a NativeAOT module, whose code is never exchanged; inside Envoy and nginx an assembly's new version gets it, and what they load anew by themselves begins empty.</remarks>
public interface ISwapState
{
    /// <summary>What the next one is to know. Called on the thread that loads, while streams of this one run on others. What it throws is logged, and nothing is carried over.</summary>
    byte[] SaveState();

    /// <summary>Takes what the one before has saved; perhaps of an older version of the class, so with care. Called once, before the first stream. What it throws is logged, and this one begins empty.</summary>
    /// <param name="state">Valid during the call.</param>
    void RestoreState(ReadOnlySpan<byte> state);
}
