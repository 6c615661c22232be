using Outrider.Http.V2.Sending;
using Outrider.Net.Loops;

namespace Outrider.Http.V2.Connections;

/// <summary>
/// Streams that have something to tell that cannot be told from within a call of their user's: they are told in their order when the event at hand is done.
/// A chain through the streams, so that it takes no memory. A part of its connection, of either side.
/// </summary>
internal sealed class StreamNews(EventLoop loop)
{
    private static readonly SendOrPostCallback s_tell = static state => ((StreamNews)state!).Tell();

    private SendingStream? _first;
    private SendingStream? _last;
    private int _count;
    private bool _isPosted;

    /// <summary>Has the stream's <see cref="SendingStream.TellNews"/> called. It must not be among those that wait already, nor be used again before.</summary>
    internal void Add(SendingStream stream)
    {
        if (_last is null)
        {
            _first = stream;
        }
        else
        {
            _last.NextWithNews = stream;
        }

        _last = stream;
        _count++;
        if (!_isPosted)
        {
            _isPosted = true;
            loop.Post(s_tell, this);
        }
    }

    private void Tell()
    {
        _isPosted = false;
        // Those that come while these are told get their own turn.
        for (int count = _count; count > 0; count--)
        {
            Take().TellNews();
        }
    }

    private SendingStream Take()
    {
        var stream = _first!;
        _first = stream.NextWithNews;
        stream.NextWithNews = null;
        if (_first is null)
        {
            _last = null;
        }

        _count--;
        return stream;
    }
}
