using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Modules.Abi;
using Outrider.Proxy.Streams;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>Requests of the module's own, to clusters of the configuration: whole ones ("callouts") and streamed ones. They end with their stream, of which the module then hears nothing more.</summary>
internal sealed unsafe partial class ModuleFilter : IUpstreamCallOwner
{
    private Dictionary<ulong, Callout>? _callouts;
    private ulong _lastCallout;

    /// <summary>A request: streamed, or one whose answer is collected.</summary>
    private sealed record Callout(UpstreamCall Call, CollectedCall? Whole);

    /// <summary>Begins a request. Nothing is told of it before the hook has returned.</summary>
    internal CalloutStart StartCallout(
        ReadOnlySpan<byte> cluster, ModuleHeader* headers, nuint count, ReadOnlySpan<byte> body, bool endStream, ulong timeout, bool streamed, out ulong id)
    {
        id = 0;
        if (!IsAlive || _control!.Clusters.Find(cluster) is not { } found)
        {
            return CalloutStart.ClusterNotFound;
        }

        var whole = streamed ? null : CollectedCall.Create(_control, found, OnCollected);
        if ((streamed ? _control.Call(found, this) : whole?.Call) is not { } call)
        {
            return CalloutStart.CannotCreateRequest;
        }

        try
        {
            if (!CalloutHead.TryFill(call.Request, headers, count))
            {
                return CalloutStart.MissingRequiredHeaders;
            }
        }
        catch (ArgumentException)
        {
            return CalloutStart.CannotCreateRequest;
        }

        call.Id = id = ++_lastCallout;
        (_callouts ??= []).Add(id, new Callout(call, whole));
        call.Start(body, endStream, (long)Math.Min(timeout, long.MaxValue));
        return CalloutStart.Success;
    }

    internal bool SendCalloutData(ulong id, ReadOnlySpan<byte> data, bool endStream)
        => Streamed(id) is { } callout && callout.Call.SendData(data, endStream);

    internal bool SendCalloutTrailers(ulong id, ModuleHeader* headers, nuint count)
    {
        if (Streamed(id) is not { } callout)
        {
            return false;
        }

        var trailers = new HeaderBlock();
        for (nuint i = 0; i < count; i++)
        {
            if (Filters.HeaderSyntax.IsToken(headers[i].NameSpan) && Filters.HeaderSyntax.IsValue(headers[i].ValueSpan)
                && !KnownHeaders.IsForbiddenInTrailers(KnownHeaders.Identify(headers[i].NameSpan)))
            {
                trailers.Add(headers[i].NameSpan, headers[i].ValueSpan);
            }
        }

        return callout.Call.SendTrailers(trailers);
    }

    /// <summary>Ends a streamed request; the module is told of that after the hook that asked for it.</summary>
    internal void ResetCallout(ulong id)
    {
        if (Streamed(id) is { } callout)
        {
            callout.Call.Cancel();
            _control!.Loop.Post(
                static state =>
                {
                    var (filter, pointer, call) = ((ModuleFilter, nint, ulong))state!;
                    if (filter._pointer == pointer && filter.IsAlive && filter._callouts!.Remove(call))
                    {
                        filter.TellReset(call, CalloutResetReason.LocalReset);
                    }
                },
                (this, _pointer, id));
        }
    }

    private Callout? Streamed(ulong id) => IsAlive && _callouts?.GetValueOrDefault(id) is { Whole: null } callout ? callout : null;

    private bool IsPending(UpstreamCall call) => IsAlive && _callouts is not null && _callouts.ContainsKey(call.Id);

    private void CancelCallouts()
    {
        if (_callouts is not { Count: > 0 })
        {
            return;
        }

        foreach (var callout in _callouts.Values)
        {
            if (callout.Whole is { } whole)
            {
                whole.Cancel();
            }
            else
            {
                callout.Call.Cancel();
            }
        }

        _callouts.Clear();
    }
}
