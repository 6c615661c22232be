namespace Outrider.Envoy.Streams;

/// <summary>
/// All streams that one configuration has made, those that rest in a pool among them: by it the streams of a version that is too old are found. Any thread.
/// </summary>
internal sealed class StreamRoster
{
    private readonly Lock _gate = new();
    private EnvoyStream?[] _streams = new EnvoyStream?[8];
    private int _count;

    /// <summary>A stream was made.</summary>
    internal void Add(EnvoyStream stream)
    {
        lock (_gate)
        {
            if (_count == _streams.Length)
            {
                Array.Resize(ref _streams, _count * 2);
            }

            stream.RosterPlace = _count;
            _streams[_count++] = stream;
        }
    }

    /// <summary>A stream serves nobody any more. Once for each.</summary>
    internal void Remove(EnvoyStream stream)
    {
        lock (_gate)
        {
            var last = _streams[--_count]!;
            _streams[_count] = null;
            if (last != stream)
            {
                last.RosterPlace = stream.RosterPlace;
                _streams[last.RosterPlace] = last;
            }
        }
    }

    /// <summary>Asks for the end of all that live.</summary>
    /// <returns>How many were asked for the first time.</returns>
    internal int EndAll()
    {
        lock (_gate)
        {
            int ended = 0;
            foreach (var stream in _streams.AsSpan(0, _count))
            {
                ended += stream!.AskForEnd() ? 1 : 0;
            }

            return ended;
        }
    }
}
