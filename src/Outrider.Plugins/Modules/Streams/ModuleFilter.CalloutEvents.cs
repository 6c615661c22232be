using Outrider.Http.Headers;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Memory;
using Outrider.Proxy.Streams;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>What the module is told of the requests that it has made.</summary>
internal sealed unsafe partial class ModuleFilter
{
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
}
