using System.Net;
using System.Net.Security;
using Outrider.Net.Addresses;
using Outrider.Net.Interop;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Tls;

namespace Outrider.Net.Transports;

/// <summary>
/// One connection on one loop: its socket, its TLS, what waits to be sent and what was received and left. It has one
/// <see cref="Handler"/>, which can be replaced while the connection lives. Everything happens on the loop's thread.
/// </summary>
/// <remarks>
/// A transport at rest holds no buffer. Input is received into the loop's buffer and lent to the handler; output that the kernel
/// does not take at once waits in segments borrowed from the loop. How much that is, is bounded by whoever writes: it stops
/// its source in <see cref="TransportHandler.OnWriteBlocked"/> and goes on in <see cref="TransportHandler.OnWritten"/>.
/// What the connection does is its parts': how it is read (<see cref="TransportInput"/>), how it is written to
/// (<see cref="TransportOutput"/>), and its way from the first call to the last (<see cref="TransportLife"/>).
/// </remarks>
public sealed class Transport : LoopHandle, IWaitingConnect, ITlsCarrier
{
    // What a codec for HTTP/1 needs first.
    private const int HandlerSize = 128;

    /// <summary>How it is read.</summary>
    internal TransportInput Input;

    /// <summary>How it is written to.</summary>
    internal TransportOutput Output;

    /// <summary>How it begins and ends.</summary>
    internal TransportLife Life;

    /// <summary>Who is told of everything: the handler, or the stage before it.</summary>
    internal TransportHandler Front;

    private SocketAddresses _addresses;

    /// <summary>Made on the loop that will serve it; <see cref="Connect"/> or a listener gives it a socket.</summary>
    public Transport(EventLoop loop, TransportHandler handler)
    {
        Loop = loop;
        Front = handler;
    }

    /// <summary>A connection that a listener accepted; the listener's owner sets its handler before anything is read.</summary>
    internal Transport(EventLoop loop, int descriptor, PeerAddress remote)
    {
        Loop = loop;
        Descriptor = descriptor;
        _addresses.Remote = remote;
        Front = null!;
        Life.Accepted();
    }

    /// <summary>The loop that this connection belongs to.</summary>
    public EventLoop Loop { get; }

    /// <summary>Who reads it and is told. Replaced on the loop; the new one gets what the old one left.</summary>
    public TransportHandler Handler
    {
        get => Stage is { } stage ? stage.Inner : Front;
        set
        {
            if (Stage is { } stage)
            {
                stage.Inner = value;
            }
            else
            {
                Front = value;
            }
        }
    }

    /// <summary>The peer's address. A listener filter may set what a proxy before us says of it.</summary>
    public PeerAddress RemoteAddress
    {
        get => _addresses.Remote;
        set => _addresses.Remote = value;
    }

    /// <summary>Our own address on this connection. The kernel is asked once; what it said then stays after the connection's end.</summary>
    public PeerAddress LocalAddress => _addresses.Local(Descriptor, Life.IsConnecting, Loop.OwnAddresses);

    /// <summary>Is <see cref="LocalAddress"/> the address that the client wanted, as a listener filter found it out, and not the socket's?</summary>
    public bool IsLocalAddressRestored => _addresses.IsRestored;

    /// <summary>Is the connection established, and not closed?</summary>
    public bool IsOpen => Life.IsOpen;

    /// <summary>Has <see cref="Close"/> been called or the connection failed?</summary>
    public bool IsClosed => Life.IsClosed;

    /// <summary>Is the connection to close once all output is on its way?</summary>
    public bool IsClosing => Life.IsClosing;

    /// <summary>Has the peer said that it will send no more? (What it sent before may not have been read yet.)</summary>
    public bool IsPeerShutdown => Input.Socket.IsPeerShutdown;

    /// <summary>Is reading paused?</summary>
    public bool IsReadPaused => Input.Socket.IsPaused;

    /// <summary>Does output wait for the kernel, or for a stage before the handler?</summary>
    public bool IsWriteBlocked => Output.Socket.IsBlocked || Stage is { HoldsOutput: true };

    /// <summary>Has a write failed, so that nothing more will be sent?</summary>
    public bool HasWriteFailed => Output.Socket.HasFailed;

    /// <summary>Has the kernel taken any byte since <see cref="ForgetSent"/>?</summary>
    public bool HasSent => Output.Socket.HasSent;

    /// <summary>Bytes written but not yet taken by the kernel.</summary>
    public int PendingOutput => Output.Pending(this);

    /// <summary>Bytes that were received and that the handler has left for later.</summary>
    public int PendingInput => Input.Socket.KeptLength;

    /// <summary>Does input wait that the handler left, or that was not read because reading is paused?</summary>
    public bool HasUnread => Input.HasUnread(this);

    /// <summary>What TLS has agreed on; null for plain text, and until the handshake is over.</summary>
    public TlsInfo? Tls => Layer?.Info;

    /// <summary>Why TLS failed, in words; null when it did not.</summary>
    public string? TlsFailure => Layer?.Failure;

    /// <summary>Did TLS input end without the peer saying so? Then what ends with the input may be cut off (RFC 9112 §9.8).</summary>
    public bool IsInputTruncated => Layer is { IsTruncated: true };

    /// <summary>What stands before the handler; null where nothing does.</summary>
    internal HandlerStage? Stage => Life.IsStaged ? (HandlerStage)Front : null;

    /// <summary>TLS; null for plain text.</summary>
    internal TlsLayer? Layer { get; private set; }

    // And what stands before it.
    TransportHandler ITlsCarrier.Handler => Front;

    bool ITlsCarrier.WantsDecrypted => !IsClosed && !IsClosing && (!Input.Socket.IsPaused || Input.Socket.HasEnded);

    /// <inheritdoc/>
    protected internal override bool IsServedFirst => Front.IsServedFirst;

    /// <summary>Starts to connect; <see cref="TransportHandler.OnConnected"/> or <see cref="TransportHandler.OnClosed"/> follows, never from within this call.</summary>
    /// <param name="endPoint">Where to: an IP address and port, or a Unix domain socket.</param>
    /// <param name="tls">How TLS is spoken, whose handshake is then part of connecting; null for plain text.</param>
    /// <param name="timeout">
    /// Milliseconds until <see cref="TransportHandler.OnTimer"/>, unless it is connected by then and the handler has set the timer otherwise. They
    /// begin when there is a descriptor for the connection; it waits for one for as long at most (<see cref="WaitingConnects"/>).
    /// </param>
    public void Connect(EndPoint endPoint, SslClientAuthenticationOptions? tls, long timeout)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Layer = tls is null ? null : new TlsLayer(this, tls);
        Life.Open(this, endPoint, timeout);
    }

    /// <summary>
    /// The peer will speak TLS, from the next byte that is received on. Once, before the handler has received anything: its bytes
    /// may have been peeked at.
    /// </summary>
    public void AcceptTls(ITlsAcceptor acceptor)
    {
        Layer = new TlsLayer(this, acceptor);
        Layer.Accepted();
    }

    /// <summary>Puts a stage before the handler, for good. Before anything was received or written; one at the most.</summary>
    public void PutBefore(HandlerStage stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.Inner = Front;
        Front = stage;
        Life.Staged();
    }

    /// <summary>
    /// From now on what is written leaves when all events that came together are done, and not each time after one of them: for a connection
    /// that many streams share, whose answers come from as many others.
    /// </summary>
    public void GatherOutput() => Life.Gather();

    /// <summary>Tells the handler, and what stands before it, that the connection is its own now (<see cref="TransportHandler.OnConnected"/>).</summary>
    public void TellConnected() => Front.OnConnected();

    /// <summary>The client wanted that address, whatever address the connection came to.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isOwn">It is the socket's own after all, and nobody was redirected.</param>
    public void RestoreLocalAddress(PeerAddress address, bool isOwn = false) => _addresses.Restore(address, isOwn);

    /// <summary>Asks the kernel where the client wanted to connect to before iptables' REDIRECT sent it here (netfilter); unknown where that is nowhere else.</summary>
    public PeerAddress FindOriginalDestination() => Descriptor < 0 ? default : SocketCalls.OriginalDestination(Descriptor);

    /// <summary>Sets the transport's one timer, which <see cref="TransportHandler.OnTimer"/> tells of, to so many milliseconds from now.</summary>
    public void Arm(long delay) => Loop.Arm(this, delay);

    /// <summary>Forgets the time that <see cref="Arm"/> set.</summary>
    public void Disarm() => EventLoop.Disarm(this);

    /// <summary>Stops reading after the bytes at hand; the kernel's buffer fills and the peer is held back.</summary>
    public void PauseReading() => Input.Socket.Pause();

    /// <summary>Goes on reading, when the event at hand is done.</summary>
    public void ResumeReading() => Input.Resume(this);

    /// <summary>For the stage before the handler: nothing is received, whatever the handler asks for, until it is called with false.</summary>
    public void HoldReading(bool on) => Input.Hold(this, on);

    /// <summary>
    /// From now on what arrives is shown in <see cref="TransportHandler.OnPeeked"/> and left where it is; with false it is received, from
    /// the first byte that was shown on. Not once TLS has begun.
    /// </summary>
    public void PeekInput(bool on) => Input.Peek(this, on);

    /// <summary>Takes that many bytes, which were peeked at, out of the connection.</summary>
    public void SkipPeeked(int count) => TransportInput.Skip(this, count);

    /// <summary>
    /// Looks whether the peer is still there and silent, with a system call: false when it closed, reset, or sent something.
    /// For a connection from a pool before a request that must not be lost.
    /// </summary>
    public bool IsQuiet() => Input.IsQuiet(this);

    /// <summary>
    /// Writes. Small pieces written during one event leave together in one system call at its end; a large one leaves at
    /// once with what is before it. What the kernel does not take is copied and waits. After <see cref="Close"/> or a
    /// failure it does nothing.
    /// </summary>
    public void Write(ReadOnlySpan<byte> data) => Output.Write(this, data);

    /// <summary>For the stage before the handler: as <see cref="Write"/>, for what has passed it; also when the handler has written its last.</summary>
    public void WriteThrough(ReadOnlySpan<byte> data) => Output.WriteThrough(this, data);

    /// <summary>
    /// Hands what waits to the kernel now, and not only when the event at hand is done: for whoever would otherwise gather without
    /// bound during one event. Afterwards <see cref="IsWriteBlocked"/> says whether it was taken.
    /// </summary>
    public void SendNow() => Output.SendNow(this);

    /// <summary>A piece of the output queue to write into: at least <paramref name="size"/> bytes (up to 4 KiB). Follow with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size) => Output.GetSpan(this, size);

    /// <summary>Says how much of <see cref="GetSpan"/> was used.</summary>
    public void Advance(int count) => Output.Advance(this, count);

    /// <summary>Starts to watch whether anything is sent (<see cref="HasSent"/>).</summary>
    public void ForgetSent() => Output.Socket.ForgetSent();

    /// <summary>Closes now. Output that waits is lost; input that was not read makes the kernel reset the connection.</summary>
    public void Close() => Life.Fail(this, 0);

    /// <summary>Closes now with a reset, for a peer that could take an ordinary end for the end of a message.</summary>
    public void Abort() => Life.Abort(this);

    /// <summary>
    /// Closes once all output is on its way. With <paramref name="drain"/> it then says so to the peer and goes on reading,
    /// and forgetting, until the peer closes or two seconds are over, so that an unread request does not make the kernel
    /// destroy the answer (RFC 9112 §9.6).
    /// </summary>
    public void CloseWhenWritten(bool drain) => Life.CloseWhenWritten(this, drain);

    /// <summary>Tells the peer, once all output is on its way, that no more will come; input goes on.</summary>
    public void ShutdownWhenWritten()
    {
        Output.Socket.AskEnd();
        QueueFlush();
    }

    /// <summary>The listener that accepted it has set the handler: events begin.</summary>
    internal void Begin()
    {
        int error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLRDHUP | Constants.EPOLLET);
        TellConnected();
        if (error != 0)
        {
            Life.Fail(this, error);
        }
    }

    /// <summary>Asks for <see cref="RunFlush"/>, when the event at hand is done.</summary>
    internal void QueueFlush() => Life.QueueFlush(this);

    internal override void OnEvents(uint events) => Life.OnEvents(this, events);

    internal override void HintSoon()
    {
        // None before its owner has given it a handler.
        if (Front is { } front)
        {
            CacheHint.Soon(front, HandlerSize);
        }
    }

    internal override void OnSeen(uint events)
    {
        if (!Life.IsConnecting && (events & ~Constants.EPOLLOUT) != 0 && !Input.Socket.HasEnded)
        {
            Input.Socket.Arrived(events);
        }
    }

    internal override void OnFailure() => Close();

    /// <summary>The event that wrote, failed or closed is done.</summary>
    internal override void RunFlush() => Life.RunFlush(this);

    /// <summary>Its turn, when there may be input that no event will tell of again.</summary>
    internal override void RunReady() => Input.TakeTurn(this);

    /// <inheritdoc/>
    protected internal override void OnTimer()
    {
        if (IsClosing)
        {
            Close();
        }
        else
        {
            Front.OnTimer();
        }
    }

    bool IWaitingConnect.TryOpen(EndPoint endPoint) => Life.TryOpen(this, endPoint);

    void ITlsCarrier.GoOnInPlainText() => Layer = null;

    void ITlsCarrier.EndOfDecrypted()
    {
        Input.Socket.End();
        Front.OnEndOfInput();
    }

    void ICiphertextSink.AppendCiphertext(ReadOnlySpan<byte> data) => Output.AppendCiphertext(this, data);

    // After a handshake that failed the peer gets the alert that says why.
    void ITlsCarrier.TlsFailed(string reason, bool inHandshake)
    {
        Front.OnTlsFailed(reason);
        if (!inHandshake)
        {
            Life.Fail(this, Constants.EPROTO);
            return;
        }

        Output.Socket.Error = Constants.EPROTO;
        CloseWhenWritten(drain: Layer!.IsServer);
    }

    bool ITlsCarrier.KeepsUnread(int count) => Input.KeepsUnread(this, count);
}
