using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Memory;
using Outrider.Plugins.Modules.Signals;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// One stream of a module's filter, as the chain knows it: tells the module what comes, and does what it asks for. Its parts: the module's own filter and its
/// hooks (<see cref="ModuleInstance"/>), what it has asked for (<see cref="ModuleEffects"/>), the request and the response as far as it has stopped them
/// (<see cref="ModuleDirection"/>), its turn behind the chain's call (<see cref="LateTurn"/>), its way back from other threads (<see cref="ModuleScheduler"/>), answers
/// piece by piece (<see cref="ModuleReply"/>), requests of its own (<see cref="ModuleCallouts"/>). All on the stream's loop.
/// </summary>
internal sealed class ModuleFilter : StreamFilter, IHoldingFilter, IStreamObserver
{
    private readonly ModuleInstance _module;
    private readonly ModuleDirection _request, _response;
    private readonly LateTurn _later;
    private IStreamControl? _control;
    private ModuleCallouts? _callouts;
    private ModuleReply? _answer;
    private ModuleScheduler? _scheduler;
    private long? _limit;
    private bool _hasAnswered;

    internal ModuleFilter(ModuleConfiguration configuration)
    {
        Configuration = configuration;
        _module = new ModuleInstance(this, configuration);
        _later = new LateTurn(ApplyIfAlive);
        _request = new ModuleDirection(isResponse: false, Effects);
        _response = new ModuleDirection(isResponse: true, Effects);
    }

    /// <summary>The filter whose hook runs on this thread, or null.</summary>
    internal static ModuleFilter? Current => ModuleThread.Caller as ModuleFilter;

    internal ModuleConfiguration Configuration { get; }

    /// <inheritdoc cref="ModuleInstance.Pointer"/>
    internal nint Pointer => _module.Pointer;

    /// <inheritdoc cref="ModuleInstance.IsAlive"/>
    internal bool IsAlive => _module.IsAlive;

    /// <summary>What the module has asked for, and is not done yet.</summary>
    internal ModuleEffects Effects { get; } = new();

    /// <summary>The requests of the module's own.</summary>
    internal ModuleCallouts Callouts => _callouts ??= new(this, _module);

    /// <summary>The answer that the module sends piece by piece.</summary>
    internal ModuleReply PieceByPiece => _answer ??= new(this);

    /// <summary>What hooks of this stream were lent.</summary>
    internal LentMemory Lent => _module.Lent;

    /// <summary>A module holds numbers and no objects of ours, and one that it kept too long finds nothing.</summary>
    internal override bool IsOfBase => true;

    internal StreamContext Context => Stream;

    internal IStreamControl Control => _control!;

    /// <summary>How much of a body the module may keep.</summary>
    internal long Limit => _limit ?? _control!.MaxBufferedBody;

    /// <summary>The filter that a module names, if it lives and this is its thread; otherwise null, and a line in the log.</summary>
    internal static ModuleFilter? Find(nint pointer)
    {
        var filter = HostPointers<ModuleFilter>.Find(pointer);
        // On another thread the stream may end while this looks at it.
        if (filter?._control is { } control && (control.Loop is not { } loop || loop.IsCurrent))
        {
            return filter;
        }

        ModuleLog.Write(StreamLogLevel.Error, filter is null
            ? "a module called for a stream that has ended"
            : $"the module's filter '{filter.Configuration.FilterName}' called for a stream from a thread that is not the stream's; use the scheduler");
        return null;
    }

    internal HeaderMap? Headers(HeaderMapKind kind) => kind switch
    {
        HeaderMapKind.RequestHeaders => Stream.RequestHeaders,
        HeaderMapKind.RequestTrailers => _control!.RequestTrailers,
        HeaderMapKind.ResponseHeaders => Stream.ResponseHeaders,
        HeaderMapKind.ResponseTrailers => _control!.ResponseTrailers,
        _ => null,
    };

    internal BodyHold? Body(BodyKind kind) => kind switch
    {
        BodyKind.ReceivedRequest => _request.Piece,
        BodyKind.BufferedRequest => _request.Held,
        BodyKind.ReceivedResponse => _response.Piece,
        BodyKind.BufferedResponse => _response.Held,
        _ => null,
    };

    internal bool HasReceivedHeld(bool response) => (response ? _response : _request).ReceivedHeld;

    /// <summary>May the module keep more, or less, than the listener allows? Less only: memory is the operator's.</summary>
    internal void SetLimit(ulong limit) => _limit = (long)Math.Min(limit == 0 ? ulong.MaxValue : limit, (ulong)_control!.MaxBufferedBody);

    /// <summary>An answer piece by piece begins: the request goes no further.</summary>
    internal void OnReplyBegins()
    {
        _hasAnswered = true;
        _request.CompleteIfWaiting(FilterAction.Hold);
    }

    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        Begin();
        // Without a hook too: the module may have asked for something while it made its filter.
        return OnHeaders(_request, endStream);
    }

    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
        => _module.Exists && _module.SeesBody(response: false) ? OnBody(_request, (BodyHold)data, endStream) : FilterAction.Continue;

    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers)
        => _module.Exists ? OnTrailers(_request) : FilterAction.Continue;

    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (_hasAnswered)
        {
            // A module is not asked about an answer of its own.
            return FilterAction.Continue;
        }

        Begin();
        return OnHeaders(_response, endStream);
    }

    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
        => _module.Exists && !_hasAnswered && _module.SeesBody(response: true) ? OnBody(_response, (BodyHold)data, endStream) : FilterAction.Continue;

    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers)
        => _module.Exists && !_hasAnswered ? OnTrailers(_response) : FilterAction.Continue;

    public void TakeHeld(bool response, BodyHold destination) => (response ? _response : _request).TakeHeld(destination);

    public override bool OnLocalReply(int status, string details)
    {
        if (_module.OnLocalReply(status, details) is not { } answer)
        {
            return true;
        }

        Effects.DropReply();
        return answer != LocalReplyStatus.ContinueAndResetStream;
    }

    public override void OnResponseBlocked()
    {
        if (_module.OnClientBlocked())
        {
            ApplySoon();
        }

        PieceByPiece.OnClientBlocked();
    }

    public override void OnResponseUnblocked()
    {
        if (_answer is { IsClientBlocked: true } && _module.OnClientWritten())
        {
            ApplySoon();
        }

        _answer?.OnClientUnblocked();
    }

    /// <summary>What the module comes back with to the stream from a thread of its own: a number of <see cref="ModuleScheduler"/>.</summary>
    internal nint NewScheduler()
    {
        var loop = _control!.Loop;
        if (_scheduler is null || !_scheduler.TryBegin(loop, Pointer, out nint number))
        {
            // The first one, or one while the module still has the last.
            _scheduler = new ModuleScheduler(Configuration.Limits.MaxEvents);
            _ = _scheduler.TryBegin(loop, Pointer, out number);
        }

        return number;
    }

    /// <summary>An event that the module scheduled, perhaps on another thread, has come to the loop.</summary>
    internal void OnScheduled(ulong id)
    {
        if (_module.OnScheduled(id))
        {
            Apply();
        }
    }

    public void OnStreamEnding()
    {
        if (_module.End())
        {
            _callouts?.Cancel();
            _request.CompleteIfWaiting(FilterAction.Continue);
            _response.CompleteIfWaiting(FilterAction.Continue);
        }
    }

    public override void OnLog() => _module.OnComplete();

    public override void OnDestroy()
    {
        _callouts?.Cancel();
        _module.Destroy();
    }

    public override bool TryReset()
    {
        _request.Reset();
        _response.Reset();
        _module.Reset();
        _later.Reset();
        ForgetEffects();
        _answer?.Reset();
        _hasAnswered = false;
        _limit = null;
        _control = null;
        return true;
    }

    /// <summary>Does what the module asked for, outside of the chain's calls.</summary>
    internal void Apply()
    {
        if (!Effects.HasAny)
        {
            return;
        }

        if (Effects.EndsStream)
        {
            EndStream();
            return;
        }

        // Each of these may end the stream, and this object be another's at once.
        nint stream = Pointer;
        if (_answer is { HasPieces: true })
        {
            _answer.SendPieces();
        }

        if (Pointer == stream)
        {
            Continue(_request);
        }

        if (Pointer == stream)
        {
            Continue(_response);
        }

        if (Pointer == stream)
        {
            Effects.Settle(more: _answer is { HasBegun: true });
        }
    }

    private void ApplyIfAlive()
    {
        if (IsAlive)
        {
            Apply();
        }
    }

    private void Begin()
    {
        if (!_module.Exists)
        {
            _control = ((IControlledStream)Stream).Control;
            _module.Begin();
        }
    }

    private ValueTask<FilterAction> OnHeaders(ModuleDirection direction, bool endStream)
    {
        var status = _module.OnHeaders(direction.IsResponse, endStream);
        direction.ReceiveHead(endStream);
        return TakeAnswer(direction, out var answer) ? answer : direction.AfterHeaders(status, _module.SeesBody(direction.IsResponse));
    }

    private ValueTask<FilterAction> OnBody(ModuleDirection direction, BodyHold data, bool endStream)
    {
        direction.ReceivePiece(data, endStream);
        var status = _module.OnBody(direction.IsResponse, endStream);
        if (TakeAnswer(direction, out var answer))
        {
            direction.LeavePiece();
            return answer;
        }

        var next = direction.AfterBody(status, endStream, Limit, out bool isTooLarge);
        return isTooLarge ? TooLarge(direction) : next;
    }

    private ValueTask<FilterAction> OnTrailers(ModuleDirection direction)
    {
        var status = _module.OnTrailers(direction.IsResponse);
        return TakeAnswer(direction, out var answer) ? answer : direction.AfterTrailers(status);
    }

    /// <summary>An end that the module has made, as an answer to the chain. What concerns the other direction, or cannot be done inside of the chain's call, follows it.</summary>
    private bool TakeAnswer(ModuleDirection direction, out FilterAction answer)
    {
        answer = default;
        if (!Effects.HasAny)
        {
            return false;
        }

        if (Effects.Resets)
        {
            answer = FilterAction.Terminate;
            ForgetEffects();
            return true;
        }

        if (Effects.Reply is { } reply)
        {
            ForgetEffects();
            _hasAnswered = true;
            answer = _control!.IsResponseSent ? FilterAction.Terminate : FilterAction.Reply(reply);
            return true;
        }

        bool hasPieces = _answer is { HasPieces: true };
        if (hasPieces || Effects.WantsContinue(!direction.IsResponse))
        {
            _later.Ask(_control!.Loop);
        }

        if (hasPieces || _answer is { HasBegun: true })
        {
            direction.Piece?.Release();
            answer = FilterAction.Hold;
            return true;
        }

        return false;
    }

    private FilterAction TooLarge(ModuleDirection direction)
    {
        if (_control!.IsResponseSent)
        {
            return FilterAction.Terminate;
        }

        _hasAnswered = true;
        return direction.IsResponse
            ? FilterAction.Reply(502, "the response is larger than filters may collect")
            : FilterAction.Reply(413, "the body is larger than filters may collect");
    }

    // Told from inside of the chain's work, which may not be turned around.
    private void ApplySoon()
    {
        if (Effects.HasAny)
        {
            _later.Ask(_control!.Loop);
        }
    }

    private void EndStream()
    {
        var reply = Effects.Reply;
        string? details = Effects.ResetDetails;
        ForgetEffects();
        var action = reply is null || _control!.IsResponseSent ? FilterAction.Terminate : FilterAction.Reply(reply);
        _hasAnswered |= reply is not null;
        if (_response.IsWaiting)
        {
            _response.Complete(action);
        }
        else if (_request.IsWaiting)
        {
            _request.Complete(action);
        }
        else if (reply is null)
        {
            _control!.Terminate(details);
        }
        else
        {
            _control!.Reply(reply);
        }
    }

    private void Continue(ModuleDirection direction)
    {
        if (Effects.TakeContinue(direction.IsResponse) && direction.Continue(out bool clearRoute))
        {
            _control!.Release(this, direction.IsResponse, clearRoute);
        }
    }

    private void ForgetEffects()
    {
        Effects.Forget();
        _answer?.ForgetPieces();
    }
}
