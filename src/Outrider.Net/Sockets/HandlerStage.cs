namespace Outrider.Net.Sockets;

/// <summary>
/// Stands between a transport and its handler: is told what happens to the transport and passes it on, sees what is received before the handler does, and what the
/// handler writes before it is sent. Put there with <see cref="Outrider.Net.Transports.Transport.PutBefore"/>. On the loop.
/// </summary>
public abstract class HandlerStage : TransportHandler
{
    /// <summary>The handler: who reads the transport, and is told through this. Replaced as <see cref="Outrider.Net.Transports.Transport.Handler"/>.</summary>
    public TransportHandler Inner { get; internal set; } = null!;

    /// <summary>Does input wait here for the handler, that <see cref="GoOn"/> would give it?</summary>
    public abstract bool HasInput { get; }

    /// <summary>Does output wait here, so that the transport must not end it, and whoever writes has to stop?</summary>
    public abstract bool HoldsOutput { get; }

    /// <summary>Bytes of output that wait here.</summary>
    public abstract int PendingOutput { get; }

    /// <inheritdoc/>
    public sealed override object? Owner => Inner.Owner;

    /// <inheritdoc/>
    public sealed override bool IsServedFirst => Inner.IsServedFirst;

    /// <inheritdoc/>
    public sealed override uint RestingMilliseconds => Inner.RestingMilliseconds;

    /// <inheritdoc/>
    public sealed override int ReadSize => Inner.ReadSize;

    /// <inheritdoc/>
    public sealed override bool ReadsAfterWriteFailure => Inner.ReadsAfterWriteFailure;

    /// <summary>The handler reads again: its turn.</summary>
    public abstract void GoOn();

    /// <summary>The handler writes. Nothing is called back.</summary>
    public abstract void Write(ReadOnlySpan<byte> data);

    /// <summary>Memory to write into, of that size at least.</summary>
    public abstract Span<byte> GetSpan(int size);

    /// <summary>So much of it was used.</summary>
    public abstract void Advance(int count);

    /// <summary>The event at hand is done: what was written in it may go on.</summary>
    /// <param name="last">Nothing will be written any more. Told again with each event until the transport has ended its output.</param>
    public abstract void Flush(bool last);

    /// <inheritdoc/>
    public override void OnConnected() => Inner.OnConnected();

    /// <inheritdoc/>
    public override void OnSecured() => Inner.OnSecured();

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason) => Inner.OnTlsFailed(reason);

    /// <inheritdoc/>
    public override void OnTlsUnused() => Inner.OnTlsUnused();

    /// <inheritdoc/>
    public override void OnPlainTextRefused() => Inner.OnPlainTextRefused();

    /// <inheritdoc/>
    public override void OnPeerShutdown() => Inner.OnPeerShutdown();

    /// <inheritdoc/>
    public override void OnPeerReset() => Inner.OnPeerReset();

    /// <inheritdoc/>
    public override void OnWriteBlocked() => Inner.OnWriteBlocked();

    /// <inheritdoc/>
    public override void OnWriteProgress() => Inner.OnWriteProgress();

    /// <inheritdoc/>
    public override void OnWritten() => Inner.OnWritten();

    /// <inheritdoc/>
    public override void OnTimer() => Inner.OnTimer();

    /// <inheritdoc/>
    public override void OnDrain() => Inner.OnDrain();

    /// <inheritdoc/>
    public override void OnCut() => Inner.OnCut();

    /// <inheritdoc/>
    public override void OnClosed(int error) => Inner.OnClosed(error);
}
