namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// A turn of a filter's on its loop, when the chain's call that runs now is over: what the module has asked for is done then. At most one waits; a stream that is over by
/// then has none.
/// </summary>
internal sealed class LateTurn(ModuleFilter filter)
{
    private bool _waits;

    /// <summary>Asks for the turn.</summary>
    internal void Ask()
    {
        if (!_waits && filter.Control.Loop is { } loop)
        {
            _waits = true;
            loop.Post(
                static state =>
                {
                    var (turn, pointer) = ((LateTurn, nint))state!;
                    turn.Run(pointer);
                },
                (this, filter.Pointer));
        }
    }

    /// <summary>The stream is over.</summary>
    internal void Reset() => _waits = false;

    // The number is of one stream alone: the filter may be another's by now.
    private void Run(nint pointer)
    {
        if (filter.Pointer == pointer && pointer != 0)
        {
            _waits = false;
            if (filter.IsAlive)
            {
                filter.Apply();
            }
        }
    }
}
