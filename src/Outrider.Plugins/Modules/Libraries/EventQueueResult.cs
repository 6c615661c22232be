namespace Outrider.Plugins.Modules.Libraries;

/// <summary>What <see cref="EventQueue.Add"/> did.</summary>
internal enum EventQueueResult
{
    /// <summary>It waits behind others.</summary>
    Added,

    /// <summary>It waits, and nobody is called for it: whoever added it has one called.</summary>
    First,

    /// <summary>The queue is full, for the first time since it was empty.</summary>
    FirstDropped,

    /// <summary>The queue is full, as it was before.</summary>
    Dropped,
}
