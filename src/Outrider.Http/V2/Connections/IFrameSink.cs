using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Connections;

/// <summary>
/// What one side of a connection does with what its peer sends, once <see cref="FrameIntake"/> has found it well formed. Implemented by structs, so that no
/// frame costs an interface call. Each may throw <see cref="Http2Exception"/>, which ends the connection.
/// </summary>
internal interface IFrameSink
{
    /// <summary>The longest header block that is gathered from several frames, in bytes.</summary>
    int MaxHeaderBytes { get; }

    /// <summary>A piece of DATA of a stream that has begun.</summary>
    /// <param name="id">The stream's number.</param>
    /// <param name="data">Without padding.</param>
    /// <param name="size">With padding: what it takes of the windows.</param>
    /// <param name="endStream">Nothing follows.</param>
    void OnData(int id, ReadOnlySpan<byte> data, int size, bool endStream);

    /// <summary>A whole header block.</summary>
    /// <param name="id">The stream's number.</param>
    /// <param name="block">What its frames carried together.</param>
    /// <param name="endStream">Nothing follows.</param>
    /// <param name="dependsOnItself">Its priority says that it depends on itself, a fault of RFC 7540 §5.3.1.</param>
    void OnBlock(int id, ReadOnlySpan<byte> block, bool endStream, bool dependsOnItself);

    /// <summary>A CONTINUATION of so many bytes, which is not the last.</summary>
    void OnContinued(int length);

    /// <summary>A frame that carries nothing of a message comes, and is told next.</summary>
    void OnControl();

    /// <summary>PRIORITY, of any stream.</summary>
    void OnPriority(int id, ReadOnlySpan<byte> payload);

    /// <summary>The peer resets a stream that has begun.</summary>
    void OnReset(int id, Http2Error code);

    /// <summary>SETTINGS or PING are about to be answered.</summary>
    void OnAnswering();

    /// <summary>SETTINGS were taken and answered.</summary>
    /// <param name="before">What held before them.</param>
    /// <param name="isFirst">They are the peer's first.</param>
    void OnSettings(PeerSettings before, bool isFirst);

    /// <summary>A PING of ours was answered.</summary>
    void OnPingAnswer(ReadOnlySpan<byte> payload);

    /// <summary>The peer ends the connection.</summary>
    /// <param name="lastId">The last stream of ours that it serves.</param>
    /// <param name="code">Why.</param>
    void OnGoAway(int lastId, Http2Error code);

    /// <summary>The peer takes more of a stream that has begun.</summary>
    void OnWindowUpdate(int id, int more);
}
