using Outrider.Envoy.Abi;
using Outrider.Filters;
using Outrider.Http;
using Outrider.Proxy.Streams;

namespace Outrider.Plugins.Modules;

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

    public void OnCallHead(UpstreamCall call, bool endStream)
    {
        if (!IsPending(call))
        {
            return;
        }

        if (_hooks.CalloutHeaders is not null)
        {
            Enter();
            var fields = ResponseFields(call);
            fixed (EnvoyHeader* first = fields)
            {
                _hooks.CalloutHeaders(_pointer, _module, call.Id, first, (nuint)fields.Length, endStream ? (byte)1 : (byte)0);
            }

            Leave();
        }

        EndStreamed(call, endStream);
    }

    public void OnCallData(UpstreamCall call, ReadOnlySpan<byte> data, bool endStream)
    {
        if (!IsPending(call))
        {
            return;
        }

        if (_hooks.CalloutData is not null)
        {
            Enter();
            fixed (byte* bytes = data)
            {
                var buffer = new EnvoyBuffer { Data = bytes, Length = (nuint)data.Length };
                _hooks.CalloutData(_pointer, _module, call.Id, &buffer, data.IsEmpty ? 0u : 1u, endStream ? (byte)1 : (byte)0);
            }

            Leave();
        }

        EndStreamed(call, endStream);
    }

    public void OnCallTrailers(UpstreamCall call)
    {
        if (!IsPending(call))
        {
            return;
        }

        if (_hooks.CalloutTrailers is not null)
        {
            Enter();
            var fields = Fields(call.ResponseTrailers, 0);
            fixed (EnvoyHeader* first = fields)
            {
                _hooks.CalloutTrailers(_pointer, _module, call.Id, first, (nuint)fields.Length);
            }

            Leave();
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

    private Callout? Streamed(ulong id) => IsAlive && _callouts?.GetValueOrDefault(id) is { Whole: null } callout ? callout : null;

    private bool IsPending(UpstreamCall call) => IsAlive && _callouts is not null && _callouts.ContainsKey(call.Id);

    private void OnCollected(CollectedCall callout, CollectedCallEnd end)
    {
        ulong id = callout.Call.Id;
        if (!IsAlive || !_callouts!.Remove(id))
        {
            return;
        }

        if (_hooks.CalloutDone is not null)
        {
            bool answered = end == CollectedCallEnd.Answered;
            var result = end switch
            {
                CollectedCallEnd.Answered => CalloutResult.Success,
                CollectedCallEnd.TooLarge => CalloutResult.ExceedResponseBufferLimit,
                _ => CalloutResult.Reset,
            };
            Enter();
            var fields = answered ? ResponseFields(callout.Call) : [];
            var body = answered ? Lent.LendPinned(callout.Body.Memory) : default;
            fixed (EnvoyHeader* first = fields)
            {
                _hooks.CalloutDone(_pointer, _module, id, result, first, (nuint)fields.Length, body.Length > 0 ? &body : null, body.Length > 0 ? 1u : 0u);
            }

            Leave();
        }

        Apply();
    }

    private void EndStreamed(UpstreamCall call, bool endStream)
    {
        if (endStream && IsAlive && _callouts!.Remove(call.Id) && _hooks.CalloutComplete is not null)
        {
            Enter();
            _hooks.CalloutComplete(_pointer, _module, call.Id);
            Leave();
        }

        Apply();
    }

    private void TellReset(ulong id, CalloutResetReason reason)
    {
        if (_hooks.CalloutReset is not null)
        {
            Enter();
            _hooks.CalloutReset(_pointer, _module, id, reason);
            Leave();
        }

        Apply();
    }

    private EnvoyHeader[] ResponseFields(UpstreamCall call)
    {
        var fields = Fields(call.ResponseHead.Fields, 1);
        var name = LentMemory.Lend(":status"u8);
        var value = Lent.LendText(call.ResponseHead.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        fields[0] = new EnvoyHeader { Name = name.Data, NameLength = name.Length, Value = value.Data, ValueLength = value.Length };
        return fields;
    }

    private EnvoyHeader[] Fields(HeaderBlock block, int before)
    {
        var fields = new EnvoyHeader[block.Count + before];
        for (int i = 0; i < block.Count; i++)
        {
            var name = Lent.LendLowerCase(block.NameAt(i));
            var value = LentMemory.Lend(block.ValueAt(i));
            fields[i + before] = new EnvoyHeader { Name = name.Data, NameLength = name.Length, Value = value.Data, ValueLength = value.Length };
        }

        return fields;
    }

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
