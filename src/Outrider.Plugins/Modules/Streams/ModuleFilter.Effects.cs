using Outrider.Filters;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>What a module asks for while a hook of its runs. It is done when the hook has returned: what follows may call the module again, or end the stream.</summary>
internal sealed unsafe partial class ModuleFilter
{
    private bool _hasEffects;
    private bool _continueRequest, _continueResponse, _clearRoute, _reset, _draining;
    private string? _resetDetails;
    private LocalReply? _reply;
    private long? _limit;

    /// <summary>Has the module answered in the place of the upstream?</summary>
    internal bool HasAnswered { get; private set; }

    /// <summary>How much of a body the module may keep.</summary>
    internal long Limit => _limit ?? _control!.MaxBufferedBody;

    /// <summary>May the module keep more, or less, than the listener allows? Less only: memory is the operator's.</summary>
    internal void SetLimit(ulong limit) => _limit = (long)Math.Min(limit == 0 ? ulong.MaxValue : limit, (ulong)_control!.MaxBufferedBody);

    internal void ContinueRequest() => Ask(ref _continueRequest);

    internal void ContinueResponse() => Ask(ref _continueResponse);

    internal void ClearRoute() => Ask(ref _clearRoute);

    internal void Answer(LocalReply reply)
    {
        _reply ??= reply;
        _hasEffects = true;
    }

    internal void ResetStream(string? details)
    {
        _resetDetails = details;
        Ask(ref _reset);
    }

    internal bool HasReceivedHeld(bool response) => (response ? _response : _request).ReceivedHeld;

    /// <summary>Something is to be done when the hook has returned.</summary>
    internal void HasMore() => _hasEffects = true;

    /// <summary>An answer piece by piece begins: the request goes no further.</summary>
    internal void OnReplyBegins()
    {
        HasAnswered = true;
        if (_request.WaitsAt != ModuleDirection.Place.Nowhere)
        {
            _request.Complete(FilterAction.Hold);
        }
    }

    private bool HasPieces => _answer is { HasPieces: true };

    private bool HasBegun => _answer is { HasBegun: true };

    private void Ask(ref bool effect)
    {
        effect = true;
        _hasEffects = true;
    }

    /// <summary>An end that the module has made, as an answer to the chain. What concerns the other direction, or cannot be done inside of the chain's call, follows it.</summary>
    private bool TakeAnswer(ModuleDirection direction, out FilterAction answer)
    {
        if (_reset)
        {
            answer = FilterAction.Terminate;
            ForgetEffects();
            return true;
        }

        if (_reply is { } reply)
        {
            ForgetEffects();
            HasAnswered = true;
            answer = _control!.IsResponseSent ? FilterAction.Terminate : FilterAction.Reply(reply);
            return true;
        }

        if (direction.IsResponse ? _continueRequest : _continueResponse)
        {
            ApplyLater();
        }

        if (HasPieces)
        {
            ApplyLater();
        }

        if (HasPieces || HasBegun)
        {
            direction.Piece?.Release();
            answer = FilterAction.Hold;
            return true;
        }

        answer = default;
        return false;
    }

    private bool TakeContinue(ModuleDirection direction)
    {
        ref bool wanted = ref direction.IsResponse ? ref _continueResponse : ref _continueRequest;
        bool was = wanted;
        wanted = false;
        return was;
    }

    private bool TakeClearRoute()
    {
        bool was = _clearRoute;
        _clearRoute = false;
        return was;
    }

    private void ApplyLater()
    {
        if (_draining || _control!.Loop is not { } loop)
        {
            return;
        }

        _draining = true;
        var late = new Late(this, _pointer);
        loop.Post(static state => ((Late)state!).Run(), late);
    }

    /// <summary>Does what the module asked for, outside of the chain's calls.</summary>
    internal void Apply()
    {
        if (!_hasEffects)
        {
            return;
        }

        if (_reset || _reply is not null)
        {
            End();
            return;
        }

        // Each of these may end the stream, and this object be another's at once.
        nint stream = _pointer;
        if (HasPieces)
        {
            _answer!.SendPieces();
        }

        if (_pointer == stream && TakeContinue(_request))
        {
            Continue(_request);
        }

        if (_pointer == stream && TakeContinue(_response))
        {
            Continue(_response);
        }

        if (_pointer == stream)
        {
            _hasEffects = HasBegun || _clearRoute;
        }
    }

    private void End()
    {
        var reply = _reply;
        string? details = _resetDetails;
        ForgetEffects();
        bool sent = _control!.IsResponseSent;
        var action = reply is null || sent ? FilterAction.Terminate : FilterAction.Reply(reply);
        HasAnswered |= reply is not null;
        var waiting = _response.WaitsAt != ModuleDirection.Place.Nowhere ? _response
            : _request.WaitsAt != ModuleDirection.Place.Nowhere ? _request
            : null;
        if (waiting is not null)
        {
            waiting.Complete(action);
        }
        else if (reply is null)
        {
            _control.Terminate(details);
        }
        else
        {
            _control.Reply(reply);
        }
    }

    private void Continue(ModuleDirection direction)
    {
        switch (direction.WaitsAt)
        {
            case ModuleDirection.Place.Headers:
                direction.Complete(PassHead(direction));
                break;
            case ModuleDirection.Place.Body:
                direction.GiveBack(direction.Piece!);
                direction.Piece = null;
                direction.Complete(GoOn(direction));
                break;
            case ModuleDirection.Place.Trailers:
                direction.Complete(GoOn(direction, beforeTrailers: true));
                break;
            default:
                if (direction.HoldsHead || direction.HeldLength > 0)
                {
                    bool clear = direction.HoldsHead && TakeClearRoute();
                    direction.HoldsHead = false;
                    _control!.Release(this, direction.IsResponse, clear);
                }

                break;
        }
    }

    private void ForgetEffects()
    {
        _hasEffects = _continueRequest = _continueResponse = _clearRoute = _reset = false;
        _resetDetails = null;
        _reply = null;
        if (_module == 0)
        {
            // The stream is over.
            HasAnswered = _draining = _ended = false;
            _answer?.ForgetAnswer();
            _limit = null;
        }

        _answer?.ForgetPieces();
    }

    private sealed class Late(ModuleFilter filter, nint pointer)
    {
        internal void Run()
        {
            if (filter._pointer != pointer || pointer == 0)
            {
                return;
            }

            filter._draining = false;
            if (!filter._ended)
            {
                filter.Apply();
            }
        }
    }
}
