using System.Globalization;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Counts what lives, waits and collects as told, and tells the counts at <c>/life</c>.</summary>
[StreamFilter("life", JsonContext = typeof(LifeJson))]
public sealed class LifeFilter : StreamFilter
{
    private readonly LifeConfig _config;
    private bool _ended;

    /// <summary>Made for a stream.</summary>
    public LifeFilter(LifeConfig config)
    {
        _config = config;
        Interlocked.Increment(ref Life.Filters);
        Interlocked.Increment(ref Life.Begun);
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        if (headers.Path.SequenceEqual("/life"u8))
        {
            return Reply(200, string.Create(CultureInfo.InvariantCulture, $"filters={Life.Filters - 1} configurations={Life.Configurations} disposed={Life.Disposed} cancelled={Life.Cancelled} begun={Life.Begun} heap={GC.GetTotalMemory(true)}"));
        }

        _config.Requests?.Add(1, _config.Version);
        _config.Sizes?.Record(headers.Path.Length);
        _config.Live?.Add(1);
        headers.Set("x-version", _config.Version);
        if (_config.Collect)
        {
            GC.Collect();
        }

        await WaitAsync();
        headers.Set("x-life", "in");
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (!Stream.IsLocalReply)
        {
            await WaitAsync();
        }

        headers.Set("x-life", "out");
        headers.Set("x-life-version", _config.Version);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
    {
        if (!Stream.IsLocalReply)
        {
            await WaitAsync();
        }

        return data.Length >= 0 ? FilterAction.Continue : FilterAction.Terminate;
    }

    /// <inheritdoc/>
    public override void OnDestroy()
    {
        if (_ended)
        {
            Environment.FailFast("destroyed twice");
        }

        _ended = true;
        _config.Live?.Add(-1);
        Interlocked.Decrement(ref Life.Filters);
    }

    private async ValueTask WaitAsync()
    {
        if (_config.MaxDelayMs > 0)
        {
            try
            {
                await Task.Delay(Random.Shared.Next(_config.MaxDelayMs), Stream.Aborted);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref Life.Cancelled);
                throw;
            }
        }
    }
}
