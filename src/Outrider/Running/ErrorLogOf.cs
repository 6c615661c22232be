using Outrider.Filters;
using Outrider.Proxy.Server;

namespace Outrider.Running;

/// <summary>The error log of the proxy that runs, for who is there before it. Any thread.</summary>
internal sealed class ErrorLogOf
{
    private volatile ProxyServer? _server;

    /// <summary>The proxy, once there is one.</summary>
    internal ProxyServer? Server
    {
        set => _server = value;
    }

    /// <summary>Writes a warning; to stderr before there is a proxy.</summary>
    internal void Tell(string message)
    {
        if (_server is { } server)
        {
            server.Log.Write(StreamLogLevel.Warn, message);
        }
        else
        {
            Console.Error.WriteLine("outrider: warning: " + message);
        }
    }
}
