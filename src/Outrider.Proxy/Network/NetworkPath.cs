using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Proxy.Network;

/// <summary>One direction of a connection through its network filters, one after the other: what each keeps, the call at hand, and what has passed them all.</summary>
internal sealed class NetworkPath
{
    private const int MaxKept = 64 * 1024;

    private readonly NetworkFilter[] _filters;
    private readonly INetworkPathOwner _owner;
    private readonly Func<NetworkFilter, NetworkData, bool, ValueTask<NetworkAction>> _method;
    private readonly NetworkCall _call;

    // What each filter has to be shown, and at last what has passed.
    private readonly NetworkData[] _data;
    private int _at;
    private bool _last, _isLastBatch;

    /// <param name="filters">The filters in the order of this direction.</param>
    /// <param name="loop">The connection's loop.</param>
    /// <param name="owner">Is told.</param>
    /// <param name="method">The method of a filter that is called.</param>
    internal NetworkPath(NetworkFilter[] filters, EventLoop loop, INetworkPathOwner owner, Func<NetworkFilter, NetworkData, bool, ValueTask<NetworkAction>> method)
    {
        _filters = filters;
        _owner = owner;
        _method = method;
        _call = new NetworkCall(loop, OnEnded);
        _data = new NetworkData[filters.Length + 1];
        for (int i = 0; i < _data.Length; i++)
        {
            _data[i] = new NetworkData();
        }
    }

    /// <summary>Is a filter at work?</summary>
    internal bool IsPending => _call.IsPending;

    /// <summary>What the first filter has still to be shown is put here.</summary>
    internal NetworkData In { get; } = new();

    /// <summary>What has passed.</summary>
    internal NetworkData Passed => _data[^1];

    /// <summary>Has the end passed?</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Bytes that are on their way.</summary>
    internal int Length
    {
        get
        {
            int length = In.Count;
            foreach (var data in _data)
            {
                length += data.Count;
            }

            return length;
        }
    }

    /// <summary>Shows the filters what is in <see cref="In"/>. While a filter is at work it waits there.</summary>
    /// <param name="last">Nothing will follow.</param>
    internal void Run(bool last)
    {
        _last |= last;
        if (IsPending || (In.Count == 0 && _last == _isLastBatch))
        {
            return;
        }

        _isLastBatch = _last;
        _data[0].Append(In.Bytes);
        In.Take(In.Count);
        _at = 0;
        GoOn();
    }

    /// <summary>The connection is over: no filter may use what it was shown.</summary>
    internal void Close()
    {
        In.Take(In.Count);
        foreach (var data in _data)
        {
            if (data.IsOpen)
            {
                // A filter may be looking at it on another thread: its memory goes with it, and to nobody else.
                data.IsOpen = false;
            }
            else
            {
                data.Take(data.Count);
            }
        }
    }

    private void GoOn()
    {
        while (_at < _filters.Length)
        {
            var data = _data[_at];
            if (data.Count == 0 && !_isLastBatch)
            {
                return;
            }

            data.IsOpen = true;
            NetworkAction action;
            try
            {
                if (!_call.TryGet(_method(_filters[_at], data, _isLastBatch), out action))
                {
                    return;
                }
            }
            catch (Exception e)
            {
                data.IsOpen = false;
                _owner.OnFailed(_filters[_at], e);
                return;
            }

            if (!Take(action))
            {
                return;
            }
        }

        HasEnded = _isLastBatch;
        _owner.OnPassed(this);
    }

    // False: the bytes go no further.
    private bool Take(NetworkAction action)
    {
        var data = _data[_at];
        data.IsOpen = false;
        if (action.CloseReason is { } reason)
        {
            _owner.OnClose(_filters[_at], reason);
            return false;
        }

        if (action.IsWait)
        {
            if (_isLastBatch || data.Count > MaxKept)
            {
                _owner.OnClose(_filters[_at], _isLastBatch ? "it wants more, and nothing more will come" : $"it wants more than {MaxKept} bytes");
            }

            return false;
        }

        _data[_at + 1].Append(data.Bytes);
        data.Take(data.Count);
        _at++;
        return true;
    }

    private void OnEnded()
    {
        if (_owner.IsOver)
        {
            return;
        }

        NetworkAction action;
        try
        {
            action = _call.TakeResult();
        }
        catch (Exception e)
        {
            _data[_at].IsOpen = false;
            _owner.OnFailed(_filters[_at], e);
            return;
        }

        if (Take(action))
        {
            GoOn();
        }

        if (!IsPending && !_owner.IsOver)
        {
            // What has come meanwhile.
            Run(last: false);
            _owner.OnIdle(this);
        }
    }
}
