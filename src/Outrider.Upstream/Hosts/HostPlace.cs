using System.Runtime.InteropServices;

namespace Outrider.Upstream.Hosts;

/// <summary>Where what picks look at of a host lies, and its weight in a set: sixteen bytes, so that four share a cache line.</summary>
/// <param name="Loads">The block.</param>
/// <param name="Index">The host's place in it.</param>
/// <param name="Weight">Its weight in the set.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HostPlace(HostLoads Loads, int Index, int Weight);
