using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>An answer that the module sends piece by piece. The pieces wait for the end of the hook.</summary>
internal sealed unsafe partial class ModuleFilter
{
    private Queue<ReplyPiece>? _pieces;
    private bool _streams, _clientBlocked;
    private long _sentWhileBlocked;

    private sealed record ReplyPiece(KeyValuePair<byte[], byte[]>[]? Fields, byte[] Data, bool IsTrailers, bool EndStream);

    private bool HasReplyPieces => _pieces is { Count: > 0 };

    /// <summary>Queues the head.</summary>
    internal void SendHead(KeyValuePair<byte[], byte[]>[] fields, bool endStream) => Queue(new ReplyPiece(fields, [], false, endStream));

    /// <summary>Queues a piece of the body.</summary>
    internal void SendData(ReadOnlySpan<byte> data, bool endStream) => Queue(new ReplyPiece(null, data.ToArray(), false, endStream));

    /// <summary>Queues the trailers.</summary>
    internal void SendTrailers(KeyValuePair<byte[], byte[]>[] fields) => Queue(new ReplyPiece(fields, [], true, true));

    private void Queue(ReplyPiece piece)
    {
        (_pieces ??= new()).Enqueue(piece);
        _hasEffects = true;
    }

    private void SendReplyPieces()
    {
        nint stream = _pointer;
        while (_pointer == stream && IsAlive && _pieces!.TryDequeue(out var piece))
        {
            if (piece.Fields is null)
            {
                SendPiece(piece);
            }
            else if (piece.IsTrailers)
            {
                SendTrailers(piece);
            }
            else
            {
                SendHead(piece);
            }
        }
    }

    private void SendHead(ReplyPiece piece)
    {
        if (_streams || _control!.OpenReply() is not { } head)
        {
            Stream.Log.Warn("the module sent a response's headers when there was a response already");
            return;
        }

        head.Status = 200;
        foreach (var (name, value) in piece.Fields!)
        {
            if (name.AsSpan().SequenceEqual(":status"u8))
            {
                head.Status = int.TryParse(value, out int status) && status is >= 200 and <= 599 ? status : 500;
            }
            else if (KnownHeaders.Identify(name) == KnownHeader.ContentLength)
            {
                // Digits alone (RFC 9110 §8.6): the parser would take a sign and white space too.
                head.ContentLength = value.AsSpan().IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && long.TryParse(value, out long length) ? length : -1;
            }
            else if (HeaderSyntax.IsToken(name) && HeaderSyntax.IsValue(value) && !KnownHeaders.IsHopByHop(KnownHeaders.Identify(name)))
            {
                head.Fields.Add(name, value);
            }
        }

        HasAnswered = _streams = true;
        if (_request.WaitsAt != ModuleDirection.Place.Nowhere)
        {
            _request.Complete(FilterAction.Hold);
        }

        _control.BeginReply(this, piece.EndStream);
    }

    private void SendPiece(ReplyPiece piece)
    {
        if (!_streams)
        {
            return;
        }

        if (_clientBlocked && (_sentWhileBlocked += piece.Data.Length) > _control!.MaxBufferedBody)
        {
            // It was told to wait; memory for what no client takes is bounded like any other.
            _control.Terminate("the module sends more than the client takes");
            return;
        }

        _control!.SendReplyData(piece.Data, piece.EndStream);
    }

    private void SendTrailers(ReplyPiece piece)
    {
        if (!_streams)
        {
            return;
        }

        var trailers = _control!.ReplyTrailers;
        trailers.Clear();
        foreach (var (name, value) in piece.Fields!)
        {
            if (HeaderSyntax.IsToken(name) && HeaderSyntax.IsValue(value) && !KnownHeaders.IsForbiddenInTrailers(KnownHeaders.Identify(name)))
            {
                trailers.Add(name, value);
            }
        }

        _control.SendReplyTrailers();
    }

    private void ForgetReplyPieces() => _pieces?.Clear();

    /// <summary>A copy of a module's headers.</summary>
    internal static KeyValuePair<byte[], byte[]>[] Copy(ModuleHeader* headers, nuint count)
    {
        var copy = new KeyValuePair<byte[], byte[]>[checked((int)count)];
        for (int i = 0; i < copy.Length; i++)
        {
            copy[i] = new(headers[i].NameSpan.ToArray(), headers[i].ValueSpan.ToArray());
        }

        return copy;
    }

    /// <summary>A whole answer from a module's headers and body.</summary>
    /// <exception cref="ArgumentException">A header is not one, or the status is not a reply's.</exception>
    internal static LocalReply MakeReply(uint status, ModuleHeader* headers, nuint count, ReadOnlySpan<byte> body, ReadOnlySpan<byte> details)
    {
        var reply = new LocalReply(checked((int)status), body.ToArray()) { Details = details.IsEmpty ? null : Encoding.UTF8.GetString(details) };
        bool hasType = false;
        for (nuint i = 0; i < count; i++)
        {
            var name = headers[i].NameSpan;
            var known = KnownHeaders.Identify(name);
            if (name is [(byte)':', ..] || known == KnownHeader.ContentLength || KnownHeaders.IsHopByHop(known))
            {
                continue;
            }

            hasType |= Ascii.EqualsIgnoreCase(name, "content-type"u8);
            _ = reply.With(Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(headers[i].ValueSpan));
        }

        return hasType || body.IsEmpty || !ResponseContent.Of(reply.Status, isHead: false).IsAllowed ? reply : reply.With("content-type", "text/plain");
    }
}
