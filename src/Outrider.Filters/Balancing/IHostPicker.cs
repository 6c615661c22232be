namespace Outrider.Filters;

/// <summary>
/// Picks hosts out of one set, for all loops at once. It takes no lock and allocates nothing: what it remembers from one pick to the next it
/// keeps for each loop, or in an interlocked counter where the order is the process's.
/// </summary>
public interface IHostPicker
{
    /// <summary>
    /// Picks a host for one try, one that the request was not sent to while there is such a host. It must not wait. One that throws has its request
    /// answered with 503, and is named in the log.
    /// </summary>
    /// <param name="context">What is known of the request.</param>
    /// <returns>Index of the host in the set that the picker was built for; less than 0 for none.</returns>
    int Pick(ref PickContext context);
}
