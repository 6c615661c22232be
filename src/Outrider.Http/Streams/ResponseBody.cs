using Outrider.Filters;
using Outrider.Http.Messages;

namespace Outrider.Http.Streams;

/// <summary>
/// A response's body as its head has announced it: whether there may be one, and how much of it is to come, so that no more goes out than was said and
/// less is not taken for all of it (RFC 9112 §6.3, RFC 9113 §8.1.1). A field of whoever writes the response, never copied.
/// </summary>
internal struct ResponseBody
{
    private long _left;
    private State _state;

    private enum State : byte
    {
        NotBegun,
        Forbidden,
        Announced,
        Open,
    }

    /// <summary>Has the head been sent?</summary>
    internal readonly bool HasBegun => _state != State.NotBegun;

    /// <summary>May nothing follow the head, whatever it announces?</summary>
    internal readonly bool IsForbidden => _state == State.Forbidden;

    /// <summary>Has the head said how long the body is?</summary>
    internal readonly bool IsAnnounced => _state == State.Announced;

    /// <summary>May a body of any length follow, so that something else has to say where it ends?</summary>
    internal readonly bool IsOpen => _state == State.Open;

    /// <summary>Is some of what was announced still to come?</summary>
    internal readonly bool IsShort => IsAnnounced && _left > 0;

    /// <summary>A response is to come.</summary>
    internal void Await() => _state = State.NotBegun;

    /// <summary>The head is sent.</summary>
    /// <param name="head">The head.</param>
    /// <param name="answersHead">Did the client ask with HEAD?</param>
    /// <param name="endStream">Nothing follows.</param>
    /// <returns>The length that the head is to announce; −1 for none.</returns>
    internal long Begin(ResponseHead head, bool answersHead, bool endStream)
    {
        var content = ResponseContent.Of(head.Status, answersHead);
        if (!content.IsAllowed)
        {
            _state = State.Forbidden;
            return content.Announce(head.ContentLength, endStream);
        }

        if (head.Framing == BodyFraming.Length || endStream)
        {
            _left = content.Announce(head.ContentLength, endStream);
            if (_left >= 0)
            {
                _state = State.Announced;
                return _left;
            }
        }

        _state = State.Open;
        return -1;
    }

    /// <summary>What follows the head is no body but another protocol.</summary>
    internal void BeginTunnel() => _state = State.Open;

    /// <summary>A piece goes out, cut to what may. False: it was more than was announced.</summary>
    internal bool Take(ref ReadOnlySpan<byte> data)
    {
        switch (_state)
        {
            case State.Announced:
                bool fits = data.Length <= _left;
                if (!fits)
                {
                    data = data[..(int)_left];
                }

                _left -= data.Length;
                return fits;
            case State.Forbidden:
                data = default;
                return true;
            default:
                return true;
        }
    }
}
