namespace Outrider.Plugins.Modules.Signals;

/// <summary>A time without garbage collections, for as long as no more is allocated than <see cref="Budget"/>; then one comes all the same.</summary>
internal readonly struct CollectionPause : IDisposable
{
    /// <summary>What threads may allocate meanwhile, in bytes: much more than loading a library takes, and below what any heap has room for at once.</summary>
    private const long Budget = 4 * 1024 * 1024;

    internal static CollectionPause Begin()
    {
        try
        {
            _ = GC.TryStartNoGCRegion(Budget);
        }
        catch (InvalidOperationException)
        {
            // Somebody else has such a time: it serves as well.
        }

        return default;
    }

    public void Dispose()
    {
        try
        {
            if (System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }
        }
        catch (InvalidOperationException)
        {
            // A collection has ended it.
        }
    }
}
