namespace Outrider.Http.V2.Connections;

/// <summary>What <see cref="Keepalive"/> has its connection do.</summary>
internal enum KeepaliveStep : byte
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Send a PING.</summary>
    Ask,

    /// <summary>Close: no answer has come.</summary>
    GiveUp,
}
