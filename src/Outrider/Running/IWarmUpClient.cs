using System.Net.Sockets;

namespace Outrider.Running;

/// <summary>A client of the warm-up, which asks one request after the other on its connection. One thread; it blocks.</summary>
internal interface IWarmUpClient : IDisposable
{
    /// <summary>Sends a request and reads its answer to the end; false: the proxy has closed.</summary>
    /// <exception cref="SocketException">There is no answer in time, or no connection.</exception>
    /// <exception cref="IOException">The answer is none.</exception>
    bool Ask();
}
