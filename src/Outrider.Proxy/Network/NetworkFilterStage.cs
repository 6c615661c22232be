using Outrider.Filters;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Timers;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Network;

/// <summary>The network filters of one connection, before whatever takes it: lets it in, and lets bytes through, as they say.</summary>
internal sealed class NetworkFilterStage : HandlerStage, INetworkPathOwner
{
    private readonly Transport _transport;
    private readonly INetworkFilterOwner _owner;
    private readonly NetworkFilterSet _set;
    private readonly NetworkFilter[] _filters;
    private readonly NetworkPath _in, _out;
    private readonly NetworkCall _connecting;
    private readonly CallTimer _timer;
    private readonly bool _isTerminated;
    private int _connected;
    private bool _begun, _waits, _admitted, _inputEnded, _endTold, _outBlocked;

    private NetworkFilterStage(Transport transport, INetworkFilterOwner owner, NetworkFilterSet set, string chain, ConnectionOpening opening)
    {
        (_transport, _owner, _set, _isTerminated) = (transport, owner, set, opening.IsTerminated);
        _filters = [.. set.Factories.Select(make => make())];
        _in = new NetworkPath(_filters, transport.Loop, this, static (filter, data, last) => filter.OnReceivedAsync(data, last));
        _out = new NetworkPath([.. _filters.Reverse()], transport.Loop, this, static (filter, data, last) => filter.OnSendingAsync(data, last));
        _connecting = new NetworkCall(transport.Loop, OnConnectCallEnded);
        _timer = new CallTimer(this);
        var view = new NetworkView(transport, owner.ListenerName, chain, opening);
        Array.ForEach(_filters, filter => filter.Begin(view));
    }

    /// <summary>Is the connection over?</summary>
    public bool IsOver { get; private set; }

    /// <inheritdoc/>
    public override bool HasInput => _admitted && (_in.Passed.Count > 0 || (_in.HasEnded && !_endTold));

    /// <inheritdoc/>
    public override bool HoldsOutput => _out.IsPending;

    /// <inheritdoc/>
    public override int PendingOutput => _out.Length;

    /// <summary>Puts filters before the handler that a connection has. False: one could not be made, and the owner was told.</summary>
    internal static bool TryPut(Transport transport, INetworkFilterOwner owner, NetworkFilterSet set, string chain, ConnectionOpening opening)
    {
        try
        {
            transport.PutBefore(new NetworkFilterStage(transport, owner, set, chain, opening));
            return true;
        }
        catch (Exception e)
        {
            owner.OnNetworkFilterFailed(transport, string.Join(", ", set.Names), e);
            return false;
        }
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        base.OnConnected();
        if (!_isTerminated)
        {
            Begin();
        }
    }

    /// <inheritdoc/>
    public override void OnSecured()
    {
        base.OnSecured();
        Begin();
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        _in.In.Append(data);
        RunInput();
        return data.Length;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        _inputEnded = true;
        RunInput();
    }

    /// <inheritdoc/>
    public override void GoOn() => Deliver();

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> data) => _out.In.Append(data);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int size) => _out.In.GetSpan(size);

    /// <inheritdoc/>
    public override void Advance(int count) => _out.In.Advance(count);

    /// <inheritdoc/>
    public override void Flush(bool last)
    {
        _out.Run(last);
        if (_out.IsPending && !_outBlocked && !IsOver)
        {
            // Told later, as of the kernel: whoever writes is in the middle of it.
            _outBlocked = true;
            ArmCall();
            _transport.Loop.Post(static state => ((NetworkFilterStage)state!).TellBlocked(), this);
        }
    }

    /// <inheritdoc/>
    public override void OnWritten()
    {
        if (!_outBlocked)
        {
            base.OnWritten();
        }
    }

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        IsOver = true;
        // The wheel would hold the filters, and with them the code of an assembly, for seconds more.
        _transport.Loop.Remove(_timer);
        _in.Close();
        _out.Close();
        base.OnClosed(error);
        foreach (var filter in _filters)
        {
            try
            {
                filter.OnClosed();
            }
            catch (Exception e)
            {
                _owner.OnNetworkFilterFailed(_transport, NameOf(filter), e);
            }

            filter.End();
        }
    }

    void INetworkPathOwner.OnPassed(NetworkPath path)
    {
        if (path == _in)
        {
            Admit();
            Deliver();
        }
        else
        {
            _transport.WriteThrough(path.Passed.Bytes);
            path.Passed.Take(path.Passed.Count);
        }
    }

    void INetworkPathOwner.OnIdle(NetworkPath path)
    {
        ArmCall();
        if (path == _in)
        {
            _transport.HoldReading(false);
            RunInput();
            return;
        }

        // With the event at hand the transport goes on with what was asked of it meanwhile: to end, or to close.
        _transport.WriteThrough(default);
        if (_outBlocked && !_out.IsPending)
        {
            _outBlocked = false;
            if (!_transport.IsWriteBlocked && !_transport.IsClosing)
            {
                Inner.OnWritten();
            }
        }
    }

    void INetworkPathOwner.OnClose(NetworkFilter filter, string reason) => CloseFor(NameOf(filter), reason);

    void INetworkPathOwner.OnFailed(NetworkFilter filter, Exception exception) => Fail(filter, exception);

    private string NameOf(NetworkFilter filter) => _set.Names[Array.IndexOf(_filters, filter)];

    private void Begin()
    {
        _begun = true;
        if (_set.Timeout > 0)
        {
            _transport.Loop.Arm(_timer, _set.Timeout);
        }

        Connect();
    }

    private void Connect()
    {
        while (_connected < _filters.Length)
        {
            NetworkAction action;
            try
            {
                if (!_connecting.TryGet(_filters[_connected].OnConnectedAsync(), out action))
                {
                    _transport.HoldReading(true);
                    return;
                }
            }
            catch (Exception e)
            {
                Fail(_filters[_connected], e);
                return;
            }

            if (!TakeConnected(action))
            {
                return;
            }
        }

        if (!_waits)
        {
            Admit();
        }

        RunInput();
    }

    private bool TakeConnected(NetworkAction action)
    {
        if (action.CloseReason is { } reason)
        {
            CloseFor(_set.Names[_connected], reason);
            return false;
        }

        _waits |= action.IsWait;
        _connected++;
        return true;
    }

    private void OnConnectCallEnded()
    {
        if (IsOver)
        {
            return;
        }

        NetworkAction action;
        try
        {
            action = _connecting.TakeResult();
        }
        catch (Exception e)
        {
            Fail(_filters[_connected], e);
            return;
        }

        if (TakeConnected(action))
        {
            _transport.HoldReading(false);
            Connect();
        }
    }

    private void Admit()
    {
        if (!_admitted)
        {
            _admitted = true;
            ArmCall();
            Inner.OnAdmitted();
        }
    }

    private void RunInput()
    {
        if (!_begun || _connected < _filters.Length || _transport.IsClosed)
        {
            return;
        }

        _in.Run(_inputEnded);
        if (_in.IsPending)
        {
            _transport.HoldReading(true);
            ArmCall();
        }
    }

    // The handler gets what has passed, as far as it reads.
    private void Deliver()
    {
        while (_in.Passed.Count > 0 && !_transport.IsClosed && !_transport.IsClosing && (!_transport.IsReadPaused || _inputEnded))
        {
            int used = Inner.OnReceived(_in.Passed.Bytes);
            _in.Passed.Take(used);
            if (used == 0)
            {
                return;
            }
        }

        if (_in.HasEnded && !_endTold && _in.Passed.Count == 0 && !_transport.IsClosed)
        {
            _endTold = true;
            Inner.OnEndOfInput();
        }
    }

    private void TellBlocked()
    {
        if (_outBlocked && !IsOver && _out.IsPending)
        {
            Inner.OnWriteBlocked();
        }
    }

    private void ArmCall()
    {
        if (!IsOver && _begun && _set.Timeout > 0 && (_in.IsPending || _out.IsPending || !_admitted))
        {
            _transport.Loop.Arm(_timer, _set.Timeout);
        }
        else
        {
            Net.Loops.EventLoop.Disarm(_timer);
        }
    }

    private void CloseFor(string filter, string reason)
    {
        if (!IsOver && !_transport.IsClosed)
        {
            _owner.OnClosedByFilter(_transport, filter, reason);
            _transport.Close();
        }
    }

    private void Fail(NetworkFilter filter, Exception exception)
    {
        if (!IsOver && !_transport.IsClosed)
        {
            _owner.OnNetworkFilterFailed(_transport, NameOf(filter), exception);
            _transport.Close();
        }
    }

    private void OnTimeout() => CloseFor(string.Join(", ", _set.Names), $"the connection was not let in, or a call took longer than {_set.Timeout} ms (listener_filters_timeout)");

    private sealed class CallTimer(NetworkFilterStage stage) : LoopTimer
    {
        protected override void OnTimer() => stage.OnTimeout();
    }
}
