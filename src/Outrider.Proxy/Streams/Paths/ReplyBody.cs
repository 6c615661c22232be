using System.Text;
using Outrider.Filters;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// The body of an answer that is made here, from which the stream takes a piece after the other as the client takes them. What is
/// small is copied; what is large stays where it is, for an answer of megabytes may be given to many clients at once. Lives, and
/// is used again, with its stream; on its loop.
/// </summary>
internal sealed class ReplyBody
{
    /// <summary>Bytes of one piece, and how much of an answer may wait in a connection before the next is taken: what <c>conn_buffer_limit_bytes</c> is by default.</summary>
    internal const int PieceLength = 32 * 1024;

    private BodyHold? _copy;
    private ReadOnlyMemory<byte> _rest;

    /// <summary>All of it that was not taken yet.</summary>
    internal int Length => _rest.Length;

    internal bool IsEmpty => _rest.IsEmpty;

    /// <summary>Begins with these bytes, which do not change while the stream lives.</summary>
    internal void Begin(ReadOnlyMemory<byte> bytes)
    {
        Release();
        if (bytes.Length > PieceLength)
        {
            _rest = bytes;
        }
        else if (!bytes.IsEmpty)
        {
            var copy = _copy ??= new();
            copy.Append(bytes.Span);
            _rest = copy.Memory;
        }
    }

    /// <summary>Begins with a text, as UTF-8; null is no body.</summary>
    internal void Begin(string? text)
    {
        Release();
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        var copy = _copy ??= new();
        Span<byte> scratch = stackalloc byte[512];
        if (Encoding.UTF8.TryGetBytes(text, scratch, out int written))
        {
            copy.Append(scratch[..written]);
        }
        else
        {
            copy.Append(Encoding.UTF8.GetBytes(text));
        }

        _rest = copy.Memory;
    }

    /// <summary>Takes the next piece, which is good until the next change of this object.</summary>
    internal ReadOnlySpan<byte> Take()
    {
        var piece = _rest[..Math.Min(_rest.Length, PieceLength)];
        _rest = _rest[piece.Length..];
        return piece.Span;
    }

    /// <summary>Lets go of the bytes, and gives memory back.</summary>
    internal void Release()
    {
        _rest = default;
        _copy?.Release();
    }
}
