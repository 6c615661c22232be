using System.Runtime.CompilerServices;

namespace Outrider.Http.Headers;

/// <summary>A field as the line that HTTP/1 sends, with its end: <c>name: value CR LF</c> (RFC 9112 §5).</summary>
internal static class FieldLine
{
    /// <summary>How many bytes it takes.</summary>
    internal static int LengthOf(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value) => ValueAt(name) + value.Length + 2;

    /// <summary>Where in it the value begins.</summary>
    internal static int ValueAt(scoped ReadOnlySpan<byte> name) => name.Length + 2;

    /// <summary>Writes it to where there is room for <see cref="LengthOf"/> bytes or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write(Span<byte> line, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        int end = LengthOf(name, value);
        name.CopyTo(line);
        line[name.Length] = (byte)':';
        line[name.Length + 1] = (byte)' ';
        value.CopyTo(line[ValueAt(name)..]);
        line[end - 2] = (byte)'\r';
        line[end - 1] = (byte)'\n';
    }
}
