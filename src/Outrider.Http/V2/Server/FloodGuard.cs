namespace Outrider.Http.V2.Server;

/// <summary>
/// Counts what costs us work and brings nobody forward: streams that are given up before their answer (CVE-2023-44487, CVE-2025-8671),
/// and frames about nothing (CVE-2019-9511 to 9518). Each has an allowance that honest work and time fill up again; who has used it
/// up is an attacker. A part of its connection.
/// </summary>
internal struct FloodGuard
{
    // Far more than browsers and gRPC clients need at once: a page that is left cancels some dozens of requests.
    private const int MaxResets = 200;
    private const int ResetsPerSecond = 20;
    private const int MaxFrames = 1000;
    private const int FramesPerSecond = 100;

    // Clients tell of their windows after one or two frames of data, and change priorities a few times a request.
    private const int FramesForStream = 8;
    private const int FramesForData = 4;

    // Where a window of the client's is what makes a frame as short as it is, so many bytes are worth one of its frames: who lets a byte out at a time brings nobody forward
    // (CVE-2019-9511). Honest clients that open a window by each frame that came keep some short ones going among the long.
    private const int BytesForFrame = 64;

    private int _resets;
    private int _frames;
    private int _bytes;
    private long _filledAt;

    internal FloodGuard(long now)
    {
        _resets = MaxResets;
        _frames = MaxFrames;
        _filledAt = now;
    }

    /// <summary>A stream was served to its end.</summary>
    internal void OnServed() => _resets = Math.Min(_resets + 1, MaxResets);

    /// <summary>A stream begins.</summary>
    internal void OnStream() => _frames = Math.Min(_frames + FramesForStream, MaxFrames);

    /// <summary>A frame of data was sent.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="shut">Is a window of the client's used up by it?</param>
    internal void OnDataSent(int length, bool shut)
    {
        if (shut)
        {
            _bytes += length;
            _frames = Math.Min(_frames + (_bytes / BytesForFrame), MaxFrames);
            _bytes %= BytesForFrame;
        }
        else
        {
            _frames = Math.Min(_frames + FramesForData, MaxFrames);
        }
    }

    /// <summary>The client gave a stream up, or made us do it.</summary>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    /// <exception cref="Http2Exception">It does so all the time.</exception>
    internal void OnReset(long now)
    {
        if (--_resets < 0 && !Fill(now, ref _resets))
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "streams are begun and given up without end");
        }
    }

    /// <summary>A frame came that is about no request's content.</summary>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    /// <exception cref="Http2Exception">There is no end of them.</exception>
    internal void OnIdleFrame(long now)
    {
        if (--_frames < 0 && !Fill(now, ref _frames))
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "frames without end that bring no request forward");
        }
    }

    private bool Fill(long now, ref int allowance)
    {
        long seconds = Math.Min((now - _filledAt) / 1000, 60);
        if (seconds > 0)
        {
            _filledAt = now;
            _resets = (int)Math.Min(_resets + (seconds * ResetsPerSecond), MaxResets);
            _frames = (int)Math.Min(_frames + (seconds * FramesPerSecond), MaxFrames);
        }

        return allowance >= 0;
    }
}
