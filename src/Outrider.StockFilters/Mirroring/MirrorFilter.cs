using Outrider.Filters;

namespace Outrider.StockFilters.Mirroring;

/// <summary>
/// Sends copies of requests to the cluster that the route's <c>request_mirror_policies</c> names, and forgets the answers: MOSN's <c>pkg/filter/stream/mirror</c>. The
/// request itself goes its way, and waits for nothing. Only where the base has hosts to give.
/// </summary>
[StreamFilter("mirror", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(MirrorJson))]
public sealed class MirrorFilter(MirrorConfig config) : StreamFilter
{
    // A second filter of this type in a chain finds it, and makes no further copies.
    private const string Done = "mirror_sent";

    private CalloutCopies? _copies;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var mirror = Stream.ConfigurationOr(config);
        if (Stream.Route is not { MirrorCluster: { } cluster } route || Random.Shared.Next(100) >= route.MirrorPercent || Stream.GetVariable(Done) is not null)
        {
            return FilterAction.Continue;
        }

        Stream.SetVariable(Done, true);
        _copies = Stream.OpenCopies(CopyOf(headers, cluster), mirror.Broadcast ? 0 : mirror.Amplification);
        config.Copies.Add(_copies.Count, cluster);
        if (endStream)
        {
            _copies.Complete();
        }

        return !mirror.Broadcast ? FilterAction.Continue : endStream ? Reply(200) : FilterAction.WaitAllData;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
    {
        Send(data, endStream);
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers)
    {
        _copies?.Complete();
        return FilterAction.Continue;
    }

    /// <summary>Of a broadcast.</summary>
    public override ValueTask<FilterAction> DecodeRequestAsync(RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        Send(body, endStream: true);
        return Reply(200);
    }

    /// <inheritdoc/>
    public override bool TryReset()
    {
        _copies = null;
        return true;
    }

    private static Callout CopyOf(RequestHeaders headers, string cluster)
    {
        string authority = headers.AuthorityString;
        var copy = new Callout(cluster, headers.MethodString, headers.PathString) { Authority = authority.Length > 0 ? authority : cluster, Timeout = TimeSpan.FromSeconds(60) };
        foreach (var field in headers)
        {
            if (!HeaderSyntax.IsConnections(field.Name))
            {
                _ = copy.With(System.Text.Encoding.Latin1.GetString(field.Name), System.Text.Encoding.Latin1.GetString(field.Value));
            }
        }

        return copy;
    }

    private void Send(BodyBuffer data, bool endStream)
    {
        for (int i = 0; i < data.SliceCount; i++)
        {
            _copies?.Write(data.GetSlice(i));
        }

        if (endStream)
        {
            _copies?.Complete();
        }
    }
}
