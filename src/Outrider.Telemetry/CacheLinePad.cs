using System.Runtime.InteropServices;

namespace Outrider.Telemetry;

/// <summary>128 bytes that nobody writes: two cache lines, for x86 fetches them in pairs and Arm's big cores have them that long.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal readonly struct CacheLinePad;
