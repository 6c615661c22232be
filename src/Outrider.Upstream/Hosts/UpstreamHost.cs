using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.Telemetry;

namespace Outrider.Upstream.Hosts;

/// <summary>
/// One address of a cluster that requests are sent to. It outlives configurations: a reload that names the same address in the
/// same cluster keeps the object, and with it pools and counters.
/// </summary>
internal sealed class UpstreamHost : BalancedHost
{
    private readonly LoopHostState[] _perLoop;
    private readonly HostLoads _loads;
    private readonly int _place;
    private volatile HostTraits _traits;
    private volatile IPEndPoint? _other;
    private int _connections;

    private static readonly IReadOnlyDictionary<string, string> s_noMetadata = new Dictionary<string, string>();

    /// <param name="name">The address as it is configured.</param>
    /// <param name="address">The address that connections go to.</param>
    /// <param name="endPoint">The same, resolved.</param>
    /// <param name="hostname">The name that <c>auto_host_rewrite</c> sends; may be empty.</param>
    /// <param name="weight">1 to 128.</param>
    /// <param name="loops">How many loops keep state here.</param>
    /// <param name="metadata">Its metadata; null for none.</param>
    /// <param name="loads">Where what picks look at has its place, together with that of other hosts; null for a block of its own.</param>
    public UpstreamHost(
        string name, string address, EndPoint endPoint, string hostname, int weight, int loops, IReadOnlyDictionary<string, string>? metadata = null, HostLoads? loads = null)
    {
        _loads = loads ?? new HostLoads(1, loops);
        _place = _loads.Take();
        Name = name;
        Address = address;
        AddressBytes = Encoding.UTF8.GetBytes(address);
        EndPoint = endPoint;
        _traits = new HostTraits(weight, hostname, Encoding.UTF8.GetBytes(hostname), metadata ?? s_noMetadata);
        _perLoop = new LoopHostState[loops];
        Health = new HostHealth(isHealthy => _loads.SetSick(_place, !isHealthy));
    }

    private sealed record HostTraits(int Weight, string Hostname, byte[] HostnameBytes, IReadOnlyDictionary<string, string> Metadata);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <summary><see cref="Address"/> in UTF-8.</summary>
    public ReadOnlyMemory<byte> AddressBytes { get; }

    /// <summary>The address to connect to, resolved: an <see cref="IPEndPoint"/> or a Unix domain socket's.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The same name's address of the other family, for when nobody listens on <see cref="EndPoint"/>; null where there is none. May change with each lookup.</summary>
    public IPEndPoint? OtherEndPoint
    {
        get => _other;
        set => _other = value;
    }

    /// <inheritdoc/>
    public override bool IsHealthy => !_loads.IsSick(_place);

    /// <summary>Why it is healthy or not, and since when. It stays with the host over reloads.</summary>
    public HostHealth Health { get; }

    /// <inheritdoc/>
    public override void SetAside(string reason)
    {
        if (Health.Fail(HostFailures.SetAside, reason))
        {
            StandingChanged?.Invoke(this, "is set aside: " + reason);
        }
    }

    /// <inheritdoc/>
    public override void TakeBack(string reason)
    {
        if (Health.Recover(HostFailures.SetAside, reason))
        {
            StandingChanged?.Invoke(this, "is no longer set aside: " + reason);
        }
    }

    /// <summary>Told when it was set aside or taken back, and why: its cluster, which then picks by it.</summary>
    public Action<UpstreamHost, string>? StandingChanged { get; set; }

    /// <summary>How many failures it has had in a row, on all loops.</summary>
    public FailureRuns Runs { get; } = new();

    /// <inheritdoc/>
    public override int Weight => _traits.Weight;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Metadata => _traits.Metadata;

    /// <inheritdoc/>
    public override long ActiveRequestsOn(int loop) => RequestsOn(loop);

    /// <inheritdoc/>
    public override long ActiveConnections => ConnectionsActive;

    /// <inheritdoc/>
    public override double LatencyOn(int loop, out long at)
    {
        ref readonly var latency = ref LatencyOf(loop);
        at = latency.At;
        return latency.Average;
    }

    /// <summary>The name that <c>auto_host_rewrite</c> sends; may be empty. A reload may change it.</summary>
    public string Hostname => _traits.Hostname;

    /// <summary><see cref="Hostname"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> HostnameBytes => _traits.HostnameBytes;

    /// <summary>How many loops keep state here.</summary>
    public int Loops => _perLoop.Length;

    /// <summary>Requests in flight on all loops. Any thread; the loops' numbers are read one after the other.</summary>
    public long ActiveRequests
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Loops; i++)
            {
                sum += Volatile.Read(in RequestsOn(i));
            }

            return sum;
        }
    }

    /// <summary>Requests so far on all loops, every try counted. Any thread.</summary>
    public long TotalRequests => Sum(static (ref readonly LoopHostState s) => Volatile.Read(in s.TotalRequests));

    /// <summary>Open connections of all loops. Any thread.</summary>
    public long ConnectionsActive => _loads.AllConnections(_place);

    /// <summary>Connections so far on all loops. Any thread.</summary>
    public long ConnectionsTotal => Sum(static (ref readonly LoopHostState s) => Volatile.Read(in s.ConnectionsTotal));

    /// <summary>Connections that no loop could make. Any thread.</summary>
    public long ConnectFailures => Sum(static (ref readonly LoopHostState s) => Volatile.Read(in s.ConnectFailures));

    /// <summary>What all loops have counted, in an object of the caller's. Any thread.</summary>
    public UpstreamCounts Counts
    {
        get
        {
            var sum = new UpstreamCounts();
            foreach (ref readonly LoopHostState state in _perLoop.AsSpan())
            {
                if (Volatile.Read(in state.Counts) is { } counts)
                {
                    sum.Add(counts, Environment.TickCount64);
                }
            }

            return sum;
        }
    }

    /// <summary>Counts a connection that is about to be opened. False: there are as many as there may be, and it was not counted. Any thread.</summary>
    /// <param name="limit">Connections that all loops may have together; 0 for any number.</param>
    /// <param name="isFirst">It is the asking loop's only one, which it may always have.</param>
    public bool TryAddConnection(int limit, bool isFirst)
    {
        if (Interlocked.Increment(ref _connections) <= limit || limit == 0 || isFirst)
        {
            return true;
        }

        _ = Interlocked.Decrement(ref _connections);
        return false;
    }

    /// <summary>A connection that was counted is closed. Any thread.</summary>
    public void RemoveConnection() => Interlocked.Decrement(ref _connections);

    private delegate long Counter(ref readonly LoopHostState state);

    /// <summary>What the loop of that number keeps here. Write to it on that loop only.</summary>
    public ref LoopHostState On(int loop) => ref _perLoop[loop];

    /// <summary>Requests in flight that the loop of that number has sent. Write to it on that loop only.</summary>
    public ref int RequestsOn(int loop) => ref _loads.Requests(loop, _place);

    /// <summary>Connections of the loop of that number that are open. Write to it on that loop only.</summary>
    public ref int ConnectionsOn(int loop) => ref _loads.Connections(loop, _place);

    /// <summary>How long requests of the loop of that number took. Write to it on that loop only.</summary>
    public ref HostLatency LatencyOf(int loop) => ref _loads.Latency(loop, _place);

    /// <summary>Where what picks look at lies.</summary>
    /// <param name="weight">The weight that a set gives the host.</param>
    public HostPlace PlaceWith(int weight) => new(_loads, _place, weight);

    /// <summary>Takes over what a new configuration says of the same address. Not on a loop's path: readers see old or new, never a mix.</summary>
    public void Reconfigure(string hostname, int weight, IReadOnlyDictionary<string, string> metadata)
    {
        if (hostname != Hostname || weight != Weight || metadata != Metadata)
        {
            _traits = new HostTraits(weight, hostname, Encoding.UTF8.GetBytes(hostname), metadata);
        }
    }

    /// <summary>Name and address.</summary>
    public override string ToString() => Name == Address ? Address : $"{Name} ({Address})";

    private long Sum(Counter counter)
    {
        long sum = 0;
        foreach (ref readonly LoopHostState state in _perLoop.AsSpan())
        {
            sum += counter(in state);
        }

        return sum;
    }
}
