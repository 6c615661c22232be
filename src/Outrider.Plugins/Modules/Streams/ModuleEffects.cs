using Outrider.Filters;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// What a module has asked for while a hook of its ran, and has not been done yet: what follows may call the module again, or end the stream, and so waits for
/// the hook's return. On the stream's loop.
/// </summary>
internal sealed class ModuleEffects
{
    private bool _continueRequest, _continueResponse, _clearRoute;

    /// <summary>Is anything asked for?</summary>
    internal bool HasAny { get; private set; }

    /// <summary>Is the stream to be reset?</summary>
    internal bool Resets { get; private set; }

    /// <summary>Why it is, in the module's words; null for none.</summary>
    internal string? ResetDetails { get; private set; }

    /// <summary>The answer in the place of the upstream's; the first that was given. Null for none.</summary>
    internal LocalReply? Reply { get; private set; }

    /// <summary>Is the stream to end, by a reset or an answer?</summary>
    internal bool EndsStream => Resets || Reply is not null;

    /// <summary>A message that was stopped is to go on.</summary>
    internal void Continue(bool response)
    {
        ref bool wanted = ref response ? ref _continueResponse : ref _continueRequest;
        wanted = HasAny = true;
    }

    /// <summary>The route is to be matched again when the request goes on.</summary>
    internal void ClearRoute() => _clearRoute = HasAny = true;

    internal void Answer(LocalReply reply)
    {
        Reply ??= reply;
        HasAny = true;
    }

    internal void Reset(string? details)
    {
        ResetDetails = details;
        Resets = HasAny = true;
    }

    /// <summary>Something else is to be done, which its own part knows.</summary>
    internal void Add() => HasAny = true;

    internal bool WantsContinue(bool response) => response ? _continueResponse : _continueRequest;

    /// <summary>Is that message to go on? It is being seen to.</summary>
    internal bool TakeContinue(bool response)
    {
        ref bool wanted = ref response ? ref _continueResponse : ref _continueRequest;
        bool was = wanted;
        wanted = false;
        return was;
    }

    /// <summary>Is the route to be matched again? It is being seen to.</summary>
    internal bool TakeClearRoute()
    {
        bool was = _clearRoute;
        _clearRoute = false;
        return was;
    }

    /// <summary>It is being answered already: an answer of the module's own would be one too many.</summary>
    internal void DropReply() => Reply = null;

    /// <summary>All is done that can be for now.</summary>
    /// <param name="more">Is there something else that waits, which its own part knows?</param>
    internal void Settle(bool more) => HasAny = more || _clearRoute;

    /// <summary>Forgets everything: the stream ends, or is another.</summary>
    internal void Forget()
    {
        HasAny = _continueRequest = _continueResponse = _clearRoute = Resets = false;
        ResetDetails = null;
        Reply = null;
    }
}
