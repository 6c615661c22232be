using Outrider.Filters;
using Outrider.Http.Headers;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>An answer that a module sends piece by piece. The pieces wait for the end of the hook. All on the stream's loop.</summary>
internal sealed class ModuleReply(ModuleFilter filter)
{
    private Queue<ReplyPiece>? _pieces;
    private bool _isClientBlocked;
    private long _sentWhileBlocked;

    /// <summary>Has an answer begun that way?</summary>
    internal bool HasBegun { get; private set; }

    private sealed record ReplyPiece(KeyValuePair<byte[], byte[]>[]? Fields, byte[] Data, bool IsTrailers, bool EndStream);

    /// <summary>Do pieces wait?</summary>
    internal bool HasPieces => _pieces is { Count: > 0 };

    /// <summary>Queues the head.</summary>
    internal void SendHead(KeyValuePair<byte[], byte[]>[] fields, bool endStream) => Queue(new ReplyPiece(fields, [], false, endStream));

    /// <summary>Queues a piece of the body.</summary>
    internal void SendData(ReadOnlySpan<byte> data, bool endStream) => Queue(new ReplyPiece(null, data.ToArray(), false, endStream));

    /// <summary>Queues the trailers.</summary>
    internal void SendTrailers(KeyValuePair<byte[], byte[]>[] fields) => Queue(new ReplyPiece(fields, [], true, true));

    private void Queue(ReplyPiece piece)
    {
        (_pieces ??= new()).Enqueue(piece);
        filter.Effects.Add();
    }

    /// <summary>Sends what waits; any piece may end the stream.</summary>
    internal void SendPieces()
    {
        nint stream = filter.Pointer;
        while (filter.Pointer == stream && filter.IsAlive && _pieces!.TryDequeue(out var piece))
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
        if (HasBegun || filter.Control.OpenReply() is not { } head)
        {
            filter.Context.Log.Warn("the module sent a response's headers when there was a response already");
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

        HasBegun = true;
        filter.OnReplyBegins();
        filter.Control.BeginReply(filter, piece.EndStream);
    }

    private void SendPiece(ReplyPiece piece)
    {
        if (!HasBegun)
        {
            return;
        }

        if (_isClientBlocked && (_sentWhileBlocked += piece.Data.Length) > filter.Control.MaxBufferedBody)
        {
            // It was told to wait; memory for what no client takes is bounded like any other.
            filter.Control.Terminate("the module sends more than the client takes");
            return;
        }

        filter.Control.SendReplyData(piece.Data, piece.EndStream);
    }

    private void SendTrailers(ReplyPiece piece)
    {
        if (!HasBegun)
        {
            return;
        }

        var trailers = filter.Control.ReplyTrailers;
        trailers.Clear();
        foreach (var (name, value) in piece.Fields!)
        {
            if (HeaderSyntax.IsToken(name) && HeaderSyntax.IsValue(value) && !KnownHeaders.IsForbiddenInTrailers(KnownHeaders.Identify(name)))
            {
                trailers.Add(name, value);
            }
        }

        filter.Control.SendReplyTrailers();
    }

    /// <summary>The client takes no more for now; what comes nevertheless is counted.</summary>
    internal void OnClientBlocked() => _isClientBlocked = true;

    /// <summary>Does the client take no more for now?</summary>
    internal bool IsClientBlocked => _isClientBlocked;

    /// <summary>The client takes again.</summary>
    internal void OnClientUnblocked()
    {
        _isClientBlocked = false;
        _sentWhileBlocked = 0;
    }

    /// <summary>Forgets what waits.</summary>
    internal void ForgetPieces() => _pieces?.Clear();

    /// <summary>The stream is over.</summary>
    internal void Reset()
    {
        HasBegun = false;
        ForgetPieces();
        OnClientUnblocked();
    }
}
