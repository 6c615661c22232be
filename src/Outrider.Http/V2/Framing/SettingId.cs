namespace Outrider.Http.V2.Framing;

/// <summary>What a setting is about (RFC 9113 §6.5.2). Others are ignored.</summary>
internal enum SettingId : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,

    /// <summary>RFC 8441 §3.</summary>
    EnableConnectProtocol = 8,
}
