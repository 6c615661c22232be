using System.Buffers.Binary;
using Outrider.Http.V2.FlowControl;

namespace Outrider.Http.V2.Framing;

/// <summary>What the peer allows (RFC 9113 §6.5.2), with the defaults while it has not said it. A part of its connection.</summary>
internal struct PeerSettings()
{
    /// <summary>A setting and its value in SETTINGS, in bytes (RFC 9113 §6.5.1).</summary>
    internal const int EntrySize = 6;

    /// <summary>How many streams may be open at once.</summary>
    internal int MaxStreams { get; private set; } = int.MaxValue;

    /// <summary>How much may be sent on a stream that begins.</summary>
    internal int InitialWindow { get; private set; } = SendWindow.Default;

    /// <summary>May a CONNECT name another protocol (RFC 8441 §3)?</summary>
    internal bool AllowsConnectProtocol { get; private set; }

    /// <summary>Takes what SETTINGS say.</summary>
    /// <param name="payload">Whole entries: <see cref="FrameRules.CheckSettings"/> has looked.</param>
    /// <param name="isServer">Is the peer a server? It may not want to be pushed to (RFC 9113 §6.5.2).</param>
    /// <exception cref="Http2Exception">It is no value for one of the settings.</exception>
    internal void Apply(ReadOnlySpan<byte> payload, bool isServer)
    {
        for (; !payload.IsEmpty; payload = payload[EntrySize..])
        {
            Apply((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]), isServer);
        }
    }

    private void Apply(SettingId id, uint value, bool isServer)
    {
        switch (id)
        {
            case SettingId.EnablePush when isServer && value > 0:
                throw Http2Exception.Protocol("a server that would be pushed to");
            case SettingId.EnablePush when value > 1:
                throw Http2Exception.Protocol($"SETTINGS_ENABLE_PUSH {value}");
            case SettingId.MaxConcurrentStreams:
                MaxStreams = (int)Math.Min(value, int.MaxValue);
                break;
            case SettingId.MaxFrameSize when value is < FrameHeader.DefaultMaxLength or > 0xffffff:
                throw Http2Exception.Protocol($"SETTINGS_MAX_FRAME_SIZE {value}");
            case SettingId.InitialWindowSize when value > int.MaxValue:
                throw new Http2Exception(Http2Error.FlowControl, $"SETTINGS_INITIAL_WINDOW_SIZE {value}");
            case SettingId.InitialWindowSize:
                InitialWindow = (int)value;
                break;
            case SettingId.EnableConnectProtocol when value > 1:
                throw Http2Exception.Protocol($"SETTINGS_ENABLE_CONNECT_PROTOCOL {value}");
            case SettingId.EnableConnectProtocol:
                AllowsConnectProtocol = value == 1;
                break;
            default:
                // Our frames are never longer than everyone takes. Our encoder has no table, and we send few and short fields.
                break;
        }
    }
}
