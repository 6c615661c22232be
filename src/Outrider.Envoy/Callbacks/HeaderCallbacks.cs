using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>
/// Headers and trailers. They are looked up in memory and neither wait nor call back, so the collector need not be told that
/// the thread has left managed code. What comes out belongs to Envoy, until the map is next changed or the hook returns.
/// </summary>
internal static unsafe class HeaderCallbacks
{
    private static delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, ModuleBuffer, EnvoyBuffer*, nuint, nuint*, byte> s_get;
    private static delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, nuint> s_count;
    private static delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, EnvoyHeader*, byte> s_all;
    private static delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, ModuleBuffer, ModuleBuffer, byte> s_set;
    private static delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, ModuleBuffer, ModuleBuffer, byte> s_add;

    // A value without bytes still needs an address: null means "remove". Read-only data of the library, which does not move: what every field goes by
    // here has no static constructor.
    private static byte* Empty => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));

    internal static bool TryGet(nint filter, HeaderMapKind map, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (s_get == null)
        {
            FindGet();
        }

        EnvoyBuffer found = default;
        fixed (byte* bytes = name)
        {
            bool ok = s_get(filter, map, new(bytes, (nuint)name.Length), &found, 0, null) != 0;
            value = ok ? found.Span : default;
            return ok && found.Data != null;
        }
    }

    /// <summary>How many fields there are, those counted that begin with a colon.</summary>
    internal static int Count(nint filter, HeaderMapKind map)
    {
        if (s_count == null)
        {
            s_count = (delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, nuint>)Callback.Find("http_get_headers_size");
        }

        return checked((int)s_count(filter, map));
    }

    /// <summary>Writes all fields to <paramref name="fields"/>, which has room for <see cref="Count"/> of them and does not move.</summary>
    internal static bool GetAll(nint filter, HeaderMapKind map, EnvoyHeader* fields)
    {
        if (s_all == null)
        {
            s_all = (delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, EnvoyHeader*, byte>)Callback.Find("http_get_headers");
        }

        return s_all(filter, map, fields) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Set(nint filter, HeaderMapKind map, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
        {
            return Write(filter, map, name, new(bytes == null ? Empty : bytes, (nuint)value.Length));
        }
    }

    internal static bool Remove(nint filter, HeaderMapKind map, ReadOnlySpan<byte> name) => Write(filter, map, name, default);

    internal static bool Add(nint filter, HeaderMapKind map, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (s_add == null)
        {
            s_add = (delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, ModuleBuffer, ModuleBuffer, byte>)Callback.Find("http_add_header");
        }

        fixed (byte* nameBytes = name, bytes = value)
        {
            return s_add(filter, map, new(nameBytes, (nuint)name.Length), new(bytes == null ? Empty : bytes, (nuint)value.Length)) != 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Write(nint filter, HeaderMapKind map, ReadOnlySpan<byte> name, ModuleBuffer value)
    {
        if (s_set == null)
        {
            FindSet();
        }

        fixed (byte* bytes = name)
        {
            return s_set(filter, map, new(bytes, (nuint)name.Length), value) != 0;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FindGet() => s_get = (delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, ModuleBuffer, EnvoyBuffer*, nuint, nuint*, byte>)Callback.Find("http_get_header");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FindSet() => s_set = (delegate* unmanaged[SuppressGCTransition]<nint, HeaderMapKind, ModuleBuffer, ModuleBuffer, byte>)Callback.Find("http_set_header");
}
