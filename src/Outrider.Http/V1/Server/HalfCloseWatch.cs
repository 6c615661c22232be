namespace Outrider.Http.V1.Server;

/// <summary>
/// A client that has shut down its sending side may still wait for its answer, or be gone: TCP does not tell. It is taken for one that waits as long as
/// some of the answer goes out between two looks. A field of its stream, never copied.
/// </summary>
internal struct HalfCloseWatch
{
    /// <summary>Milliseconds from one look to the next.</summary>
    internal const int Grace = 1000;

    private long _sent;
    private long _seen;

    /// <summary>A response is to come.</summary>
    internal void Begin() => (_sent, _seen) = (0, -1);

    /// <summary>So many bytes of its body went out.</summary>
    internal void Sent(int count) => _sent += count;

    /// <summary>Looks.</summary>
    internal void Look() => _seen = _sent;

    /// <summary>Did something go out since the last look, or was there none?</summary>
    internal readonly bool HasMoved => _sent != _seen;
}
