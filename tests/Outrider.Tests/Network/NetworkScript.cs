using System.Collections.Concurrent;
using Outrider.Filters;

namespace Outrider.Tests.Network;

/// <summary>A network filter that does what a test says, and remembers what happened.</summary>
internal sealed class NetworkScript
{
    private readonly ConcurrentQueue<Scripted> _filters = new();

    internal Func<Scripted, ValueTask<NetworkAction>>? Connected { get; init; }

    internal Func<Scripted, NetworkData, bool, ValueTask<NetworkAction>>? Received { get; init; }

    internal Func<Scripted, NetworkData, bool, ValueTask<NetworkAction>>? Sending { get; init; }

    internal Action<Scripted>? Closed { get; init; }

    /// <summary>The filters made so far.</summary>
    internal IReadOnlyCollection<Scripted> Filters => _filters;

    internal NetworkFilter Create()
    {
        var filter = new Scripted(this);
        _filters.Enqueue(filter);
        return filter;
    }

    internal sealed class Scripted(NetworkScript script) : NetworkFilter
    {
        private int _closed;

        /// <summary>How often it was told of the end.</summary>
        internal int ClosedCount => Volatile.Read(ref _closed);

        /// <summary>Data that a test kept.</summary>
        internal NetworkData? Kept { get; set; }

        internal new NetworkConnection Connection => base.Connection;

        public override ValueTask<NetworkAction> OnConnectedAsync() => script.Connected?.Invoke(this) ?? base.OnConnectedAsync();

        public override ValueTask<NetworkAction> OnReceivedAsync(NetworkData data, bool isLast) => script.Received?.Invoke(this, data, isLast) ?? base.OnReceivedAsync(data, isLast);

        public override ValueTask<NetworkAction> OnSendingAsync(NetworkData data, bool isLast) => script.Sending?.Invoke(this, data, isLast) ?? base.OnSendingAsync(data, isLast);

        public override void OnClosed()
        {
            Interlocked.Increment(ref _closed);
            script.Closed?.Invoke(this);
        }
    }
}
