using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Memory;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// One stream of a module's filter: calls the module's hooks and does what they answer. The parts of this class: the chain's
/// methods (this file), beginning and end (<c>.Life</c>), what the module's calls leave to be done (<c>.Effects</c>), what happens
/// outside of the chain's methods (<c>.Events</c>). Answers piece by piece are <see cref="ModuleReply"/>'s, requests of the module's own
/// <see cref="ModuleCallouts"/>'.
/// </summary>
/// <remarks>
/// Ownership: the module's pointer is the module's, from <c>filter_new</c> to <c>filter_destroy</c>, which follows it exactly
/// once. The number that the module is given for this object is good for the same time. All on the stream's loop.
/// </remarks>
internal sealed unsafe partial class ModuleFilter : StreamFilter, IHoldingFilter, IStreamObserver
{
    private readonly ModuleConfiguration _configuration;
    private readonly ModuleHooks _hooks;
    private readonly HostPointers<ModuleFilter>.Place _place = HostPointers<ModuleFilter>.Rent();
    private readonly ModuleDirection _request = new(isResponse: false);
    private readonly ModuleDirection _response = new(isResponse: true);
    private IStreamControl? _control;
    private nint _pointer;
    private nint _module;
    private ModuleCallouts? _callouts;
    private ModuleReply? _answer;

    internal ModuleFilter(ModuleConfiguration configuration)
    {
        _configuration = configuration;
        _hooks = configuration.Hooks;
    }

    internal ModuleConfiguration Configuration => _configuration;

    internal ModuleHooks Hooks => _hooks;

    /// <summary>The host's name for the stream, which the module is called with.</summary>
    internal nint Pointer => _pointer;

    /// <summary>The module's own pointer to its filter; 0 while it has none.</summary>
    internal nint Native => _module;

    /// <summary>The requests of the module's own.</summary>
    internal ModuleCallouts Callouts => _callouts ??= new(this);

    /// <summary>The answer that the module sends piece by piece.</summary>
    internal ModuleReply PieceByPiece => _answer ??= new(this);

    /// <summary>What hooks of this stream were lent.</summary>
    internal LentMemory Lent { get; } = new();

    /// <summary>A module holds numbers and no objects of ours, and one that it kept too long finds nothing.</summary>
    internal override bool IsOfBase => true;

    internal StreamContext Context => Stream;

    internal IStreamControl Control => _control!;

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

    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        Begin();
        // Without a hook too: the module may have asked for something while it made its filter.
        var status = HeadersStatus.Continue;
        if (_hooks.RequestHeaders is not null)
        {
            Enter();
            status = _hooks.RequestHeaders(_pointer, _module, endStream ? (byte)1 : (byte)0);
            Leave();
        }

        return AfterHeaders(_request, status, endStream, _hooks.RequestBody is not null);
    }

    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
        => _hooks.RequestBody is null || _module == 0 ? FilterAction.Continue : OnBody(_request, (BodyHold)data, endStream);

    public override ValueTask<FilterAction> DecodeTrailersAsync(HeaderMap trailers)
    {
        if (_module == 0)
        {
            return FilterAction.Continue;
        }

        var status = TrailersStatus.Continue;
        if (_hooks.RequestTrailers is not null)
        {
            Enter();
            status = _hooks.RequestTrailers(_pointer, _module);
            Leave();
        }

        return AfterTrailers(_request, status);
    }

    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (HasAnswered)
        {
            // A module is not asked about an answer of its own.
            return FilterAction.Continue;
        }

        Begin();
        Enter();
        var status = _hooks.ResponseHeaders(_pointer, _module, endStream ? (byte)1 : (byte)0);
        Leave();
        return AfterHeaders(_response, status, endStream, _hooks.ResponseBody is not null);
    }

    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
        => HasAnswered || _module == 0 ? FilterAction.Continue : OnBody(_response, (BodyHold)data, endStream);

    public override ValueTask<FilterAction> EncodeTrailersAsync(HeaderMap trailers)
    {
        if (HasAnswered || _module == 0)
        {
            return FilterAction.Continue;
        }

        var status = TrailersStatus.Continue;
        if (_hooks.ResponseTrailers is not null)
        {
            Enter();
            status = _hooks.ResponseTrailers(_pointer, _module);
            Leave();
        }

        return AfterTrailers(_response, status);
    }

    public void TakeHeld(bool response, BodyHold destination)
    {
        var direction = response ? _response : _request;
        if (direction.HeldLength > 0)
        {
            destination.Append(direction.Held.Span);
            direction.Held.Release();
        }
    }

    private ValueTask<FilterAction> AfterHeaders(ModuleDirection direction, HeadersStatus status, bool endStream, bool seesBody)
    {
        direction.HasHeadAlone = endStream;
        if (_hasEffects && TakeAnswer(direction, out var answer))
        {
            return answer;
        }

        bool asked = TakeContinue(direction);
        if (asked || status is HeadersStatus.Continue or HeadersStatus.ContinueAndDontEndStream)
        {
            return PassHead(direction);
        }

        if (status == HeadersStatus.StopIteration && seesBody && !endStream)
        {
            direction.HoldsHead = true;
            return FilterAction.Hold;
        }

        return direction.Wait(ModuleDirection.Place.Headers);
    }

    private ValueTask<FilterAction> OnBody(ModuleDirection direction, BodyHold data, bool endStream)
    {
        direction.Piece = data;
        direction.ReceivedHeld = endStream && direction.HeldLength > 0;
        if (direction.ReceivedHeld)
        {
            // As Envoy has it: the last piece is with the others when the module is told of it.
            direction.Keep();
        }

        Enter();
        byte end = endStream ? (byte)1 : (byte)0;
        var status = direction.IsResponse ? _hooks.ResponseBody(_pointer, _module, end) : _hooks.RequestBody(_pointer, _module, end);
        Leave();
        if (_hasEffects && TakeAnswer(direction, out var answer))
        {
            direction.Piece = null;
            return answer;
        }

        bool asked = TakeContinue(direction);
        if (asked || status == DataStatus.Continue)
        {
            direction.GiveBack(data);
            direction.Piece = null;
            return GoOn(direction);
        }

        if (status == DataStatus.StopIterationNoBuffer)
        {
            data.Release();
        }
        else
        {
            direction.Keep();
        }

        bool full = direction.HeldLength > Limit;
        if (full && status == DataStatus.StopIterationAndBuffer)
        {
            direction.Piece = null;
            return TooLarge(direction);
        }

        if (endStream || full)
        {
            // Nothing more comes until the module has said so; the piece stays, for what it will let go.
            return direction.Wait(ModuleDirection.Place.Body);
        }

        direction.Piece = null;
        return FilterAction.Continue;
    }

    private ValueTask<FilterAction> AfterTrailers(ModuleDirection direction, TrailersStatus status)
    {
        if (_hasEffects && TakeAnswer(direction, out var answer))
        {
            return answer;
        }

        bool asked = TakeContinue(direction);
        return asked || status == TrailersStatus.Continue
            ? GoOn(direction, beforeTrailers: true)
            : direction.Wait(ModuleDirection.Place.Trailers);
    }

    /// <summary>What the chain is answered when the module lets the head go on, with the body that it made where none came.</summary>
    private FilterAction PassHead(ModuleDirection direction)
        => TakeClearRoute() && !direction.IsResponse ? FilterAction.ReMatchRoute
            : direction.HasHeadAlone && direction.HeldLength > 0 ? FilterAction.Release
            : FilterAction.Continue;

    /// <summary>What the chain is answered when the module lets its message go on.</summary>
    private FilterAction GoOn(ModuleDirection direction, bool beforeTrailers = false)
    {
        bool held = direction.HoldsHead;
        direction.HoldsHead = false;
        if (!held)
        {
            return beforeTrailers && direction.HeldLength > 0 ? FilterAction.Release : FilterAction.Continue;
        }

        return TakeClearRoute() && !direction.IsResponse ? FilterAction.ReMatchRoute : FilterAction.Release;
    }

    private FilterAction TooLarge(ModuleDirection direction)
    {
        direction.Held.Release();
        if (_control!.IsResponseSent)
        {
            return FilterAction.Terminate;
        }

        HasAnswered = true;
        return direction.IsResponse
            ? FilterAction.Reply(502, "the response is larger than filters may collect")
            : FilterAction.Reply(413, "the body is larger than filters may collect");
    }
}
