namespace Outrider.Http.V2.Framing;

/// <summary>A frame's flags; which number means what depends on the type: on SETTINGS and PING the first is <see cref="FrameHeader.IsAnswer"/>.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    EndStream = 1,
    EndHeaders = 4,
    Padded = 8,
    Priority = 32,
}
