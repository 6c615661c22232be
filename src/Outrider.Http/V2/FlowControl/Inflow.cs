namespace Outrider.Http.V2.FlowControl;

/// <summary>
/// What one stream has received: what of it nobody has taken, how much more the peer may send, and how much it has announced. A field of
/// its stream, never copied.
/// </summary>
internal struct Inflow
{
    private InflowWindow _window;
    private WaitingBytes _held;

    /// <summary>A message begins, of a length that is not known.</summary>
    /// <param name="window">What the peer was told that it may send.</param>
    internal Inflow(int window)
    {
        _window = new InflowWindow(window);
        Announced = -1;
    }

    /// <summary>How much is still to come of what the head has announced; −1 where it has announced nothing.</summary>
    internal long Announced { get; set; }

    /// <summary>Is nothing held?</summary>
    internal readonly bool IsEmpty => _held.IsEmpty;

    /// <summary>So much has arrived, padding counted. False: more than was allowed.</summary>
    internal bool Arrive(int size) => _window.Arrive(size);

    /// <summary>So much data was in it. False: that is not what was announced (RFC 9113 §8.1.1).</summary>
    internal bool Count(int length, bool isLast) => Announced < 0 || ((Announced -= length) >= 0 && !(isLast && Announced > 0));

    /// <summary>Keeps what nobody takes now.</summary>
    internal void Hold(ReadOnlySpan<byte> data) => _held.Append(data);

    /// <summary>Takes out what is held: the caller drops it when it has been told.</summary>
    internal WaitingBytes TakeHeld()
    {
        var held = _held;
        _held = default;
        return held;
    }

    /// <summary>So much was taken by who it is for. Returns by how much the peer is to be told that it may send more; 0 for not yet.</summary>
    internal int Credit(int count) => _window.Take(count);

    /// <summary>Forgets what is held, and returns how much it was.</summary>
    internal int Drop()
    {
        int held = _held.Length;
        _held.Drop();
        return held;
    }
}
