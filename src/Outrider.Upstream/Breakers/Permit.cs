namespace Outrider.Upstream.Breakers;

/// <summary>That something was counted, so that it is given back once, to the very count that it was taken from. A part of its holder: no allocation.</summary>
internal struct Permit
{
    private SharedCount? _held;

    /// <summary>Is something counted?</summary>
    public readonly bool IsHeld => _held is not null;

    /// <summary>Counts one, if there are fewer than the limit, or there is none (0). True when it holds one already.</summary>
    public bool TryTake(SharedCount count, long limit)
    {
        if (limit == 0 || _held is not null)
        {
            return true;
        }

        if (!count.TryAdd(limit))
        {
            return false;
        }

        _held = count;
        return true;
    }

    /// <summary>Counts one, however many there are.</summary>
    public void Take(SharedCount count)
    {
        if (_held is null)
        {
            count.Add();
            _held = count;
        }
    }

    /// <summary>Gives it back; nothing where nothing is held.</summary>
    public void Return()
    {
        _held?.Remove();
        _held = null;
    }
}
