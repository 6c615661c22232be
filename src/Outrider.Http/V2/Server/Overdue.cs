namespace Outrider.Http.V2.Server;

/// <summary>What a stream has waited for too long for.</summary>
internal enum Overdue : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its client has not ended a request that was answered in full.</summary>
    Rest,

    /// <summary>Nothing has passed through its tunnel.</summary>
    Tunnel,

    /// <summary>Its client takes nothing of what is sent, if only by a window that never opens.</summary>
    Output,

    /// <summary>Nothing of its request's body has come.</summary>
    Body,

    /// <summary>Its request's body comes too slowly.</summary>
    Rate,
}
