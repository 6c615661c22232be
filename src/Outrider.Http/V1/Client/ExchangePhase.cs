namespace Outrider.Http.V1.Client;

/// <summary>How far the exchange on a connection to an upstream has come.</summary>
internal enum ExchangePhase : byte
{
    /// <summary>There is none.</summary>
    Idle,

    /// <summary>The response's head is waited for.</summary>
    Head,

    /// <summary>The response's body comes.</summary>
    Body,

    /// <summary>The response has opened a tunnel (101).</summary>
    Tunnel,

    /// <summary>The connection is closed: there will be no other.</summary>
    Closed,
}
