using Outrider.Net.Loops;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// A turn of a filter's on its loop, when the chain's call that runs now is over: what the module has asked for is done then. At most one waits; a stream that is over by
/// then has none. Used again with the filter, for one stream after the other. On the stream's loop.
/// </summary>
/// <param name="turn">What is done in it.</param>
internal sealed class LateTurn(Action turn)
{
    private static readonly SendOrPostCallback s_run = static state => ((LateTurn)state!).Run();

    // Posted, it stays so until it has run: a stream that asks after one that ended meanwhile gets its turn in that one's place.
    private bool _isPosted, _isWanted;

    /// <summary>Asks for the turn.</summary>
    /// <param name="loop">The filter's: the same one each time.</param>
    internal void Ask(EventLoop loop)
    {
        _isWanted = true;
        if (!_isPosted)
        {
            _isPosted = true;
            loop.Post(s_run, this);
        }
    }

    /// <summary>The stream is over.</summary>
    internal void Reset() => _isWanted = false;

    private void Run()
    {
        _isPosted = false;
        if (_isWanted)
        {
            _isWanted = false;
            turn();
        }
    }
}
