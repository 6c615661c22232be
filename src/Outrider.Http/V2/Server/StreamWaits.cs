namespace Outrider.Http.V2.Server;

/// <summary>What a stream waits for its client to do.</summary>
[Flags]
internal enum StreamWaits : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To end a request that was answered in full.</summary>
    Rest = 1,

    /// <summary>To let anything pass through its tunnel.</summary>
    Tunnel = 2,

    /// <summary>To send more of its request.</summary>
    Body = 4,

    /// <summary>To take what is sent.</summary>
    Output = 8,
}
