namespace Outrider.Envoy.Callbacks;

/// <summary>
/// The way back to a stream's worker thread. Made on that thread, or on another while the stream is kept from ending (Envoy and nginx read nothing then that changes
/// in a stream's life); deleted on that thread; committed to from any, but never after it was deleted.
/// </summary>
internal static unsafe class SchedulerCallbacks
{
    private static delegate* unmanaged<nint, nint> s_new;
    private static delegate* unmanaged<nint, ulong, void> s_commit;
    private static delegate* unmanaged<nint, void> s_delete;

    internal static nint New(nint filter)
    {
        if (s_new == null)
        {
            s_commit = (delegate* unmanaged<nint, ulong, void>)Callback.Find("http_filter_scheduler_commit");
            s_delete = (delegate* unmanaged<nint, void>)Callback.Find("http_filter_scheduler_delete");
            s_new = (delegate* unmanaged<nint, nint>)Callback.Find("http_filter_scheduler_new");
        }

        return s_new(filter);
    }

    internal static void Commit(nint scheduler) => s_commit(scheduler, 0);

    internal static void Delete(nint scheduler) => s_delete(scheduler);
}
