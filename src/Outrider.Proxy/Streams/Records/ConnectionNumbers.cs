using System.Runtime.CompilerServices;
using Outrider.Net.Transports;

namespace Outrider.Proxy.Streams.Records;

/// <summary>
/// Numbers of connections, from 1: no two connections of the process have the same. Beside the connections and not in them: few streams ask, and an idle connection is to
/// be small. Any thread.
/// </summary>
internal static class ConnectionNumbers
{
    private static readonly ConditionalWeakTable<Transport, object> s_numbers = [];
    private static long s_last;

    /// <summary>The connection's; made when it is first asked for.</summary>
    internal static long Of(Transport transport) => (long)s_numbers.GetValue(transport, static _ => Interlocked.Increment(ref s_last));
}
