using System.Net;
using Outrider.Net.Interop;

namespace Outrider.Net;

/// <content>How a connection comes to be: asked for here, or accepted by a listener.</content>
public abstract partial class Connection
{
    /// <summary>
    /// Starts to connect; <see cref="OnConnected"/> or <see cref="OnClosed"/> follows, never from within this call. While the process
    /// is short of descriptors the connection waits for one, for as long as its owner's timer lets it.
    /// </summary>
    protected void Connect(EndPoint endPoint)
    {
        _flags |= Flags.Connecting | Flags.WaitsForOutput;
        if (!Loop.WaitingConnects.IsEmpty || !TryOpen(endPoint))
        {
            Loop.WaitingConnects.Add(this, endPoint);
        }
    }

    /// <summary>Makes the socket and asks for the connection. False: the process is short of descriptors, and nothing has happened.</summary>
    internal bool TryOpen(EndPoint endPoint)
    {
        try
        {
            Descriptor = SocketCalls.Create(endPoint);
        }
        catch (System.ComponentModel.Win32Exception e) when (e.NativeErrorCode is Constants.EMFILE or Constants.ENFILE)
        {
            return false;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Fail(e.NativeErrorCode);
            return true;
        }

        if (Descriptor >= DescriptorBudget.Process.ConnectCeiling)
        {
            _ = LibC.close(Descriptor);
            Descriptor = -1;
            return false;
        }

        StartToConnect(endPoint);
        return true;
    }

    private void StartToConnect(EndPoint endPoint)
    {
        if (endPoint is IPEndPoint)
        {
            SocketCalls.SetOption(Descriptor, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
        }

        int error = SocketCalls.Connect(Descriptor, endPoint);
        if (error == 0)
        {
            error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLOUT | Constants.EPOLLRDHUP | Constants.EPOLLET);
        }

        if (error != 0)
        {
            Fail(error);
        }
    }

    /// <summary>Takes over a socket that a listener accepted.</summary>
    internal void Accepted(int fd)
    {
        Descriptor = fd;
        _flags |= Flags.Open;
        int error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLRDHUP | Constants.EPOLLET);
        if (error != 0)
        {
            Fail(error);
            return;
        }

        _tls?.Accepted();
        OnConnected();
    }

    private void FinishConnect(uint events)
    {
        int error = SocketCalls.TakeError(Descriptor);
        if (error != 0)
        {
            Fail(error);
            return;
        }

        if ((events & Constants.EPOLLOUT) == 0)
        {
            return;
        }

        _flags = (_flags & ~Flags.Connecting) | Flags.Open;
        if ((events & (Constants.EPOLLIN | Constants.EPOLLRDHUP)) != 0)
        {
            _flags |= Flags.ReadReady;
            QueueRead();
        }

        if (_tls is null)
        {
            OnConnected();
        }
        else
        {
            _tls.Connect();
        }
    }
}
