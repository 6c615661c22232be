using System.Buffers.Text;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>
/// Lets so many requests pass in a time, by token buckets of the process: one for all, for each route, each client's address, or each value of a header. Others are
/// answered with 429 and <c>retry-after</c>. A reload begins with full buckets where the configuration has changed.
/// </summary>
[StreamFilter("local_rate_limit", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(LimitsJson))]
public sealed class LocalRateLimitFilter(LocalRateLimitConfig config) : StreamFilter
{
    // Nobody outside should know which keys fall together.
    private static readonly ulong s_seed = (ulong)Random.Shared.NextInt64();

    private long _limit, _left, _wait;
    private bool _refused;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var limit = Stream.ConfigurationOr(config);
        _limit = limit.Bucket.Burst;
        _refused = !limit.Bucket.TryTake(ref limit.Table.Find(KeyOf(limit, headers)), Now(), out _left, out _wait);
        if (!_refused)
        {
            return FilterAction.Continue;
        }

        limit.Limited.Increment();
        return Reply(limit.Refusal);
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (_limit > 0)
        {
            long seconds = (_wait + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
            if (Stream.ConfigurationOr(config).Headers)
            {
                Set(headers, "ratelimit-limit"u8, _limit);
                Set(headers, "ratelimit-remaining"u8, _left);
                Set(headers, "ratelimit-reset"u8, seconds);
            }

            if (_refused)
            {
                Set(headers, "retry-after"u8, Math.Max(1, seconds));
            }
        }

        return FilterAction.Continue;
    }

    /// <summary>True: the fields are as new.</summary>
    public override bool TryReset()
    {
        _limit = _left = _wait = 0;
        _refused = false;
        return true;
    }

    private static void Set(ResponseHeaders headers, ReadOnlySpan<byte> name, long value)
    {
        Span<byte> text = stackalloc byte[20];
        _ = Utf8Formatter.TryFormat(value, text, out int length);
        headers.Set(name, text[..length]);
    }

    private long Now()
    {
        var time = Stream.Time;
        return (long)(time.GetTimestamp() * ((double)TimeSpan.TicksPerSecond / time.TimestampFrequency));
    }

    private ulong KeyOf(LocalRateLimitConfig limit, RequestHeaders headers)
    {
        switch (limit.Key)
        {
            case "header":
                return headers.TryGetValue(limit.HeaderBytes, out var value) ? Hash(value) : 0;
            case "address":
                Span<byte> address = stackalloc byte[16];
                return Stream.DownstreamRemote?.Address is { } client && client.TryWriteBytes(address, out int length) ? Hash(address[..length]) : 0;
            case "route":
                return Stream.Route is { } route ? Hash(route.VirtualHost, route.Name) : 0;
            default:
                return 0;
        }
    }

    private static ulong Hash(ReadOnlySpan<byte> key)
    {
        ulong hash = s_seed ^ 0xCBF29CE484222325;
        foreach (byte b in key)
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return Mix(hash);
    }

    private static ulong Hash(string? first, string? second)
    {
        ulong hash = s_seed ^ 0xCBF29CE484222325;
        foreach (char c in first ?? "")
        {
            hash = (hash ^ c) * 0x100000001B3;
        }

        hash = (hash ^ '/') * 0x100000001B3;
        foreach (char c in second ?? "")
        {
            hash = (hash ^ c) * 0x100000001B3;
        }

        return Mix(hash);
    }

    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
