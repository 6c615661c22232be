using System.Text;

namespace Outrider.Filters;

/// <summary>
/// Body bytes on their way through a filter: a piece of a streaming body, or a whole one. The base owns the memory; the
/// buffer is the filter's for the length of the call, awaits included, and not after it.
/// </summary>
public abstract class BodyBuffer
{
    /// <summary>Bytes held.</summary>
    public abstract int Length { get; }

    /// <summary>True when nothing is held.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>In how many contiguous pieces the bytes lie (1 in Outrider's own proxy unless empty, often more in Envoy).</summary>
    public abstract int SliceCount { get; }

    /// <summary>Piece <paramref name="index"/>; good until the buffer is changed or the method awaits.</summary>
    public abstract ReadOnlySpan<byte> GetSlice(int index);

    /// <summary>Adds bytes at the end.</summary>
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Removes <paramref name="count"/> bytes from the front.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than <see cref="Length"/>.</exception>
    public abstract void Drain(int count);

    /// <summary>Drops everything that is held.</summary>
    public void Clear() => Drain(Length);

    /// <summary>Puts these bytes in the place of what is held. The bytes must not be a slice of this buffer.</summary>
    public void Replace(ReadOnlySpan<byte> bytes)
    {
        Clear();
        Append(bytes);
    }

    /// <summary>Puts this text, as UTF-8, in the place of what is held.</summary>
    public void Replace(string text) => Replace(Encoding.UTF8.GetBytes(text));

    /// <summary>Copies everything to <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<byte> destination)
    {
        for (int i = 0; i < SliceCount; i++)
        {
            var slice = GetSlice(i);
            slice.CopyTo(destination);
            destination = destination[slice.Length..];
        }
    }

    /// <summary>A copy of everything.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Everything, read as UTF-8.</summary>
    public override string ToString() => SliceCount == 1 ? Encoding.UTF8.GetString(GetSlice(0)) : Encoding.UTF8.GetString(ToArray());
}
