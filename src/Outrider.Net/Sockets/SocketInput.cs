using Outrider.Net.Buffers;
using Outrider.Net.Interop;

namespace Outrider.Net.Sockets;

/// <summary>
/// What is known of the receiving side of one socket: whether it may have bytes, whether it is paused, whether it has ended; and
/// the bytes that were received and left. A field of a transport, never copied; only the loop's thread touches it.
/// </summary>
internal unsafe struct SocketInput
{
    private UnreadBytes _unread;
    private State _state;

    [Flags]
    private enum State : ushort
    {
        /// <summary>The handler wants no input for now, or there will be none.</summary>
        Paused = 1,

        /// <summary>The socket may have input: an event said so and no read has shown otherwise.</summary>
        Ready = 2,

        /// <summary>The peer will send no more; what it sent may not have been read.</summary>
        PeerShutdown = 4,

        /// <summary>Everything that the peer sent has been received.</summary>
        Ended = 8,

        /// <summary>What arrives is forgotten.</summary>
        Discarding = 16,

        /// <summary>What arrives is looked at and left in the kernel.</summary>
        Peeking = 32,

        /// <summary>Its turn to be read, without an event, is to come.</summary>
        TurnAsked = 64,

        /// <summary>A stage before the handler wants no input for now.</summary>
        Held = 128,

        /// <summary>What arrives stays in the kernel: the handler moves it on from there.</summary>
        Left = 256,
    }

    /// <summary>Is reading paused?</summary>
    internal readonly bool IsPaused => (_state & (State.Paused | State.Held)) != 0;

    /// <summary>May the socket have input?</summary>
    internal readonly bool IsReady => (_state & State.Ready) != 0;

    /// <summary>Has the peer said that it will send no more?</summary>
    internal readonly bool IsPeerShutdown => (_state & State.PeerShutdown) != 0;

    /// <summary>Has everything that the peer sent been received?</summary>
    internal readonly bool HasEnded => (_state & State.Ended) != 0;

    /// <summary>Is what arrives forgotten?</summary>
    internal readonly bool IsDiscarding => (_state & State.Discarding) != 0;

    /// <summary>Is what arrives looked at and left in the kernel?</summary>
    internal readonly bool IsPeeking => (_state & State.Peeking) != 0;

    /// <summary>Does what arrives stay in the kernel?</summary>
    internal readonly bool IsLeft => (_state & State.Left) != 0;

    /// <summary>Are bytes kept that the handler left?</summary>
    internal readonly bool HasKept => !_unread.IsEmpty;

    /// <summary>How many bytes are kept.</summary>
    internal readonly int KeptLength => _unread.Length;

    /// <summary>What is kept, good until <see cref="UseKept"/> or <see cref="DropKept"/>.</summary>
    internal readonly ReadOnlySpan<byte> Kept => _unread.Span;

    /// <summary>Might a handler that takes everything still be told of something, without a new event?</summary>
    internal readonly bool HasSomething => HasKept || (_state & (State.Ready | State.Ended)) == State.Ready;

    /// <summary>Asks for a turn. True: it was not asked for yet.</summary>
    internal bool AskTurn()
    {
        bool asked = (_state & State.TurnAsked) != 0;
        _state |= State.TurnAsked;
        return !asked;
    }

    /// <summary>The turn has come.</summary>
    internal void TakeTurn() => _state &= ~State.TurnAsked;

    internal void Pause() => _state |= State.Paused;

    /// <summary>Goes on. True: it was paused.</summary>
    internal bool Resume()
    {
        bool was = IsPaused;
        _state &= ~State.Paused;
        return was && !IsPaused;
    }

    /// <summary>A stage before the handler wants no input, or with false wants it again. True: reading goes on by that.</summary>
    internal bool Hold(bool on)
    {
        bool was = IsPaused;
        _state = on ? _state | State.Held : _state & ~State.Held;
        return was && !IsPaused;
    }

    /// <summary>From now on what arrives is forgotten.</summary>
    internal void Discard() => _state |= State.Discarding;

    /// <summary>From now on what arrives is only looked at, or, with false, received again.</summary>
    internal void Peek(bool on) => _state = on ? _state | State.Peeking : _state & ~State.Peeking;

    /// <summary>From now on what arrives stays in the kernel, or, with false, is received again.</summary>
    internal void Leave(bool on) => _state = on ? _state | State.Left : _state & ~State.Left;

    /// <summary>An event says that there may be something to read, and whether the peer will send more.</summary>
    internal void Arrived(uint events)
    {
        _state |= State.Ready;
        if ((events & (Constants.EPOLLRDHUP | Constants.EPOLLHUP | Constants.EPOLLERR)) != 0)
        {
            _state |= State.PeerShutdown;
        }
    }

    /// <summary>There may be something to read though no event said so.</summary>
    internal void MakeReady() => _state |= State.Ready;

    /// <summary>The socket is empty.</summary>
    internal void Emptied() => _state &= ~State.Ready;

    /// <summary>Nothing more will come.</summary>
    internal void End() => _state = (_state | State.PeerShutdown | State.Paused | State.Ended) & ~State.Ready;

    /// <summary>
    /// Receives, or only looks where <see cref="IsPeeking"/>. Returns what recv(2) returned. A read that did not fill its buffer has
    /// emptied the socket (epoll(7)), unless the end is behind it.
    /// </summary>
    internal nint Receive(int descriptor, byte* buffer, int size)
    {
        nint count = LibC.recv(descriptor, buffer, size, IsPeeking ? Constants.MSG_PEEK : 0);
        if (count > 0 && count < size && !IsPeerShutdown)
        {
            _state &= ~State.Ready;
        }

        return count;
    }

    /// <summary>Copies what the handler left. Nothing may be kept from before.</summary>
    internal void Keep(ReadOnlySpan<byte> data) => _unread.Keep(data);

    /// <summary>The handler used so many of the kept bytes.</summary>
    internal void UseKept(int count) => _unread.Advance(count);

    internal void DropKept() => _unread.Drop();
}
