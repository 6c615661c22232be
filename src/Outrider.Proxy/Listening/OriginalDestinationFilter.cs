using Outrider.Filters;

namespace Outrider.Proxy.Listening;

/// <summary>
/// <c>original_dst</c>: finds out where a connection was to go before iptables sent it here. After REDIRECT the kernel's connection tracking
/// knows (SO_ORIGINAL_DST); with TPROXY the socket has that address itself.
/// </summary>
internal sealed class OriginalDestinationFilter(OriginalDestinationOptions? options = null) : IListenerFilter
{
    internal const string Name = "original_dst";

    /// <summary>Does the socket itself have the address that the client wanted?</summary>
    internal bool IsTransparent { get; } = options is { IsTransparent: true };

    /// <inheritdoc/>
    public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll)
    {
        if (IsTransparent)
        {
            if (connection.LocalAddress is { } address)
            {
                connection.LocalAddress = address;
            }

            return ListenerFilterResult.Continue;
        }

        // A connection that came here directly is in the tracking as well, with the address that it has: not another one.
        if (connection.FindOriginalDestination() is { } wanted && !wanted.Equals(connection.LocalAddress))
        {
            connection.LocalAddress = wanted;
        }

        return ListenerFilterResult.Continue;
    }
}
