using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Memory;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// Requests of a module's own on behalf of one stream, to clusters of the configuration: whole ones ("callouts") and streamed ones, and what
/// the module is told of them. They end with their stream, of which the module then hears nothing more. All on the stream's loop.
/// </summary>
internal sealed unsafe class ModuleCallouts(ModuleFilter filter, ModuleInstance module) : IUpstreamCallOwner
{
    private Dictionary<ulong, Callout>? _callouts;
    private ulong _lastCallout;

    /// <summary>A request: streamed, or one whose answer is collected.</summary>
    private sealed record Callout(UpstreamCall Call, CollectedCall? Whole);

    /// <summary>Begins a request. Nothing is told of it before the hook has returned.</summary>
    internal CalloutStart Start(
        ReadOnlySpan<byte> cluster, ModuleHeader* headers, nuint count, ReadOnlySpan<byte> body, bool endStream, ulong timeout, bool streamed, out ulong id)
    {
        id = 0;
        if (!module.IsAlive || filter.Control is not { } control || control.Clusters.Find(cluster) is not { } found)
        {
            return CalloutStart.ClusterNotFound;
        }

        var whole = streamed ? null : CollectedCall.Create(control, found, OnCollected);
        if ((streamed ? control.Call(found, this) : whole?.Call) is not { } call)
        {
            return CalloutStart.CannotCreateRequest;
        }

        try
        {
            if (!CalloutHead.TryFill(call.Request, headers, count, control.IsStrictTarget))
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

    internal bool SendData(ulong id, ReadOnlySpan<byte> data, bool endStream)
        => Streamed(id) is { } callout && callout.Call.SendData(data, endStream);

    internal bool SendTrailers(ulong id, ModuleHeader* headers, nuint count)
    {
        if (Streamed(id) is not { } callout)
        {
            return false;
        }

        var trailers = new HeaderBlock();
        for (nuint i = 0; i < count; i++)
        {
            if (HeaderSyntax.IsToken(headers[i].NameSpan) && HeaderSyntax.IsValue(headers[i].ValueSpan)
                && !KnownHeaders.IsForbiddenInTrailers(KnownHeaders.Identify(headers[i].NameSpan)))
            {
                trailers.Add(headers[i].NameSpan, headers[i].ValueSpan);
            }
        }

        return callout.Call.SendTrailers(trailers);
    }

    /// <summary>Ends a streamed request; the module is told of that after the hook that asked for it.</summary>
    internal void Reset(ulong id)
    {
        if (Streamed(id) is { } callout)
        {
            callout.Call.Cancel();
            filter.Control.Loop.Post(
                static state =>
                {
                    var (callouts, pointer, call) = ((ModuleCallouts, nint, ulong))state!;
                    if (callouts.IsStillOf(pointer) && callouts._callouts!.Remove(call))
                    {
                        callouts.TellReset(call, CalloutResetReason.LocalReset);
                    }
                },
                (this, module.Pointer, id));
        }
    }

    private Callout? Streamed(ulong id) => module.IsAlive && _callouts?.GetValueOrDefault(id) is { Whole: null } callout ? callout : null;

    private bool IsPending(UpstreamCall call) => module.IsAlive && _callouts is not null && _callouts.ContainsKey(call.Id);

    /// <summary>Ends them all; the module hears nothing more of any.</summary>
    internal void Cancel()
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

    private bool IsStillOf(nint pointer) => module.Pointer == pointer && module.IsAlive;

    public void OnCallHead(UpstreamCall call, bool endStream)
    {
        if (!IsPending(call))
        {
            return;
        }

        if (module.Callouts.Headers is not null)
        {
            module.Enter();
            var fields = ResponseFields(call);
            fixed (EnvoyHeader* first = fields)
            {
                module.Callouts.Headers(module.Pointer, module.Native, call.Id, first, (nuint)fields.Length, endStream ? (byte)1 : (byte)0);
            }

            module.Leave();
        }

        EndStreamed(call, endStream);
    }

    public void OnCallData(UpstreamCall call, ReadOnlySpan<byte> data, bool endStream)
    {
        if (!IsPending(call))
        {
            return;
        }

        if (module.Callouts.Data is not null)
        {
            module.Enter();
            fixed (byte* bytes = data)
            {
                var buffer = new EnvoyBuffer { Data = bytes, Length = (nuint)data.Length };
                module.Callouts.Data(module.Pointer, module.Native, call.Id, &buffer, data.IsEmpty ? 0u : 1u, endStream ? (byte)1 : (byte)0);
            }

            module.Leave();
        }

        EndStreamed(call, endStream);
    }

    public void OnCallTrailers(UpstreamCall call)
    {
        if (!IsPending(call))
        {
            return;
        }

        if (module.Callouts.Trailers is not null)
        {
            module.Enter();
            var fields = Fields(call.ResponseTrailers, 0);
            fixed (EnvoyHeader* first = fields)
            {
                module.Callouts.Trailers(module.Pointer, module.Native, call.Id, first, (nuint)fields.Length);
            }

            module.Leave();
        }

        EndStreamed(call, endStream: true);
    }

    public void OnCallFailed(UpstreamCall call, bool connected, bool timedOut, bool protocolError)
    {
        if (!IsPending(call))
        {
            return;
        }

        _ = _callouts!.Remove(call.Id);
        TellReset(
            call.Id,
            protocolError ? CalloutResetReason.ProtocolError
            : timedOut ? CalloutResetReason.LocalReset
            : connected ? CalloutResetReason.ConnectionTermination
            : CalloutResetReason.ConnectionFailure);
    }

    private void OnCollected(CollectedCall callout, CollectedCallEnd end)
    {
        ulong id = callout.Call.Id;
        if (!module.IsAlive || !_callouts!.Remove(id))
        {
            return;
        }

        if (module.Callouts.Done is not null)
        {
            bool answered = end == CollectedCallEnd.Answered;
            var result = end switch
            {
                CollectedCallEnd.Answered => CalloutResult.Success,
                CollectedCallEnd.TooLarge => CalloutResult.ExceedResponseBufferLimit,
                _ => CalloutResult.Reset,
            };
            module.Enter();
            var fields = answered ? ResponseFields(callout.Call) : [];
            var body = answered ? module.Lent.LendPinned(callout.Body.Memory) : default;
            fixed (EnvoyHeader* first = fields)
            {
                module.Callouts.Done(module.Pointer, module.Native, id, result, first, (nuint)fields.Length, body.Length > 0 ? &body : null, body.Length > 0 ? 1u : 0u);
            }

            module.Leave();
        }

        filter.Apply();
    }

    private void EndStreamed(UpstreamCall call, bool endStream)
    {
        if (endStream && module.IsAlive && _callouts!.Remove(call.Id) && module.Callouts.Complete is not null)
        {
            module.Enter();
            module.Callouts.Complete(module.Pointer, module.Native, call.Id);
            module.Leave();
        }

        filter.Apply();
    }

    private void TellReset(ulong id, CalloutResetReason reason)
    {
        if (module.Callouts.Reset is not null)
        {
            module.Enter();
            module.Callouts.Reset(module.Pointer, module.Native, id, reason);
            module.Leave();
        }

        filter.Apply();
    }

    private EnvoyHeader[] ResponseFields(UpstreamCall call)
    {
        var fields = Fields(call.ResponseHead.Fields, 1);
        var name = LentMemory.Lend(":status"u8);
        var value = module.Lent.LendText(call.ResponseHead.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        fields[0] = new EnvoyHeader { Name = name.Data, NameLength = name.Length, Value = value.Data, ValueLength = value.Length };
        return fields;
    }

    private EnvoyHeader[] Fields(HeaderBlock block, int before)
    {
        var fields = new EnvoyHeader[block.Count + before];
        for (int i = 0; i < block.Count; i++)
        {
            var name = module.Lent.LendLowerCase(block.NameAt(i));
            var value = LentMemory.Lend(block.ValueAt(i));
            fields[i + before] = new EnvoyHeader { Name = name.Data, NameLength = name.Length, Value = value.Data, ValueLength = value.Length };
        }

        return fields;
    }
}
