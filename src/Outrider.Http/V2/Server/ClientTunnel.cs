namespace Outrider.Http.V2.Server;

/// <summary>How far an extended CONNECT (RFC 8441) has come.</summary>
internal enum ClientTunnel : byte
{
    /// <summary>The request is none.</summary>
    None,

    /// <summary>Not answered, or not with a tunnel: what its client sends is held.</summary>
    Asked,

    /// <summary>Bytes pass both ways.</summary>
    Open,
}
