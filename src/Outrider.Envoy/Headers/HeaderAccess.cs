using System.Runtime.CompilerServices;
using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Headers;

/// <summary>
/// One of a stream's four maps, where Envoy has it: what the three kinds of header maps do alike. Fields whose names begin
/// with a colon are the message's first line; filters do not see them as fields.
/// </summary>
internal unsafe struct HeaderAccess(EnvoyLink link, HeaderMapKind map)
{
    // Fetched when somebody counts or goes through the fields; in memory that does not move, as Envoy writes to it.
    private EnvoyHeader[] _fields = [];
    private int _count;
    private long _version = -1;

    /// <summary>Has the filter set the message's <c>content-length</c>? The body has to keep it.</summary>
    internal bool LengthIsGiven { get; set; }

    internal int Count
    {
        get
        {
            Fetch();
            return _count;
        }
    }

    internal HeaderField At(int index)
    {
        Fetch();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        ref readonly var field = ref _fields[index];
        return new HeaderField(field.NameSpan, field.ValueSpan);
    }

    internal bool TryGetValue(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (!IsVisible(name))
        {
            value = default;
            return false;
        }

        return HeaderCallbacks.TryGet(link.Here, map, name, out value);
    }

    /// <summary>A field whose name begins with a colon; empty when there is none.</summary>
    internal ReadOnlySpan<byte> GetPseudo(ReadOnlySpan<byte> name) => HeaderCallbacks.TryGet(link.Here, map, name, out var value) ? value : default;

    /// <summary>Writes a field without a look at what it is.</summary>
    internal void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!HeaderCallbacks.Set(link.Here, map, name, value))
        {
            throw NotTaken(name);
        }

        link.Changed();
    }

    internal void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbiddenHere(name, value);
        if (Is(name, "content-length"u8))
        {
            LengthIsGiven = true;
        }

        Write(name, value);
    }

    internal void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Is(name, "content-length"u8))
        {
            // Of a length there is one.
            Set(name, value);
            return;
        }

        ThrowIfForbiddenHere(name, value);

        if (!HeaderCallbacks.Add(link.Here, map, name, value))
        {
            throw NotTaken(name);
        }

        link.Changed();
    }

    internal bool Remove(ReadOnlySpan<byte> name)
    {
        if (!IsVisible(name) || !HeaderCallbacks.TryGet(link.Here, map, name, out _))
        {
            return false;
        }

        HeaderCallbacks.Remove(link.Here, map, name);
        link.Changed();
        return true;
    }

    /// <summary>Is this the name of a known field? That is asked often, and the first letter mostly says no: upper and lower case differ in one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known)
        => name.Length == known.Length && ((name[0] ^ known[0]) & ~0x20) == 0 && Ascii.EqualsIgnoreCase(name, known);

    // An empty name finds nothing, and one with a colon in front is not a field's.
    private static bool IsVisible(ReadOnlySpan<byte> name) => !name.IsEmpty && name[0] != (byte)':';

    /// <summary>A filter says what a message is, not where it ends: the fields that say that are the connection's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void ThrowIfForbidden(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        HeaderSyntax.ThrowIfInvalid(name, value);
        if (HeaderSyntax.MayBeFraming(name))
        {
            ThrowIfFraming(name, value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ThrowIfForbiddenHere(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ThrowIfForbidden(name, value);
        if (map is HeaderMapKind.RequestTrailers or HeaderMapKind.ResponseTrailers)
        {
            ThrowIfOfHeads(name);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowIfFraming(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (HeaderSyntax.IsConnections(name))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' belongs to the connection; the proxy writes it");
        }

        if (Is(name, "content-length"u8) && (value.IsEmpty || value.Length > 18 || value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0))
        {
            throw new ArgumentException("content-length is one decimal number");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowIfOfHeads(ReadOnlySpan<byte> name)
    {
        if (Is(name, "content-length"u8) || Is(name, "host"u8) || Is(name, "expect"u8) || Is(name, "trailer"u8)
            || Is(name, "x-forwarded-for"u8) || Is(name, "x-forwarded-proto"u8))
        {
            throw new ArgumentException($"'{Encoding.Latin1.GetString(name)}' may not come in trailers (RFC 9110 §6.5.1)");
        }
    }

    private void Fetch()
    {
        nint filter = link.Here;
        if (_version == link.Version)
        {
            return;
        }

        int all = HeaderCallbacks.Count(filter, map);
        if (_fields.Length < all)
        {
            _fields = GC.AllocateUninitializedArray<EnvoyHeader>(Math.Max(32, all * 2), pinned: true);
        }

        _count = 0;
        if (all > 0 && HeaderCallbacks.GetAll(filter, map, (EnvoyHeader*)Unsafe.AsPointer(ref _fields[0])))
        {
            for (int i = 0; i < all; i++)
            {
                if (_fields[i].NameLength > 0 && *_fields[i].Name != (byte)':')
                {
                    _fields[_count++] = _fields[i];
                }
            }
        }

        _version = link.Version;
    }

    // nginx takes no target that it would refuse of a client; Envoy takes whatever is a value.
    private Exception NotTaken(ReadOnlySpan<byte> name) => HeaderCallbacks.Count(link.Here, map) > 0
        ? new ArgumentException($"the host takes no such value for '{Encoding.Latin1.GetString(name)}'")
        : new InvalidOperationException($"the stream has no {map} that could be changed");
}
