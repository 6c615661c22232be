using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Memory;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// The module's own filter of one stream: its life from <c>filter_new</c> to <c>filter_destroy</c>, which follows it exactly once, and the calls of its
/// hooks in between. A hook that the module does not have answers what lets everything go on. All on the stream's loop.
/// </summary>
/// <remarks>
/// Ownership: <see cref="Native"/> is the module's. The number that it is given for the host's filter (<see cref="Pointer"/>) is good for the same time:
/// one that it kept too long finds nothing.
/// </remarks>
/// <param name="filter">The host's filter, which the number stands for.</param>
/// <param name="configuration">The configuration that the module makes its filter from.</param>
internal sealed unsafe class ModuleInstance(ModuleFilter filter, ModuleConfiguration configuration)
{
    private readonly ModuleHooks _hooks = configuration.Hooks;
    private readonly HostPointers<ModuleFilter>.Place _place = HostPointers<ModuleFilter>.Rent();
    private HookScope _scope;
    private bool _isOver;

    ~ModuleInstance() => HostPointers<ModuleFilter>.Return(_place);

    /// <summary>The host's name for the stream, which the module is called with; 0 while there is no filter.</summary>
    internal nint Pointer { get; private set; }

    /// <summary>The module's own pointer to its filter; 0 while it has none.</summary>
    internal nint Native { get; private set; }

    /// <summary>Has the module made its filter, and not destroyed it?</summary>
    internal bool Exists => Native != 0;

    /// <summary>Is the module told of what happens? Not before it has made its filter, and not once the stream ends.</summary>
    internal bool IsAlive => Native != 0 && !_isOver;

    /// <summary>What tells it of requests of its own; to be called between <see cref="Enter"/> and <see cref="Leave"/>.</summary>
    internal CalloutHooks Callouts => _hooks.Callouts;

    /// <summary>What its hooks were lent.</summary>
    internal LentMemory Lent { get; } = new();

    /// <summary>Makes the module's filter, the first time that the stream comes by.</summary>
    /// <exception cref="InvalidOperationException">The module makes none.</exception>
    internal void Begin()
    {
        if (Native != 0)
        {
            return;
        }

        Pointer = HostPointers<ModuleFilter>.Set(_place, filter);
        Enter();
        Native = _hooks.FilterNew(configuration.Native, Pointer);
        Leave();
        if (Native == 0)
        {
            Forget();
            throw new InvalidOperationException($"the module {configuration.Library.Path} made no filter (filter_new returned null)");
        }
    }

    /// <summary>The stream ends: from here on it is told nothing but that. False: that was known.</summary>
    internal bool End()
    {
        bool isNews = !_isOver;
        _isOver = true;
        return isNews;
    }

    /// <summary>Destroys the module's filter, if there is one.</summary>
    internal void Destroy()
    {
        if (Native == 0)
        {
            return;
        }

        nint native = Native;
        Native = 0;
        if (_hooks.FilterDestroy is not null)
        {
            Enter();
            _hooks.FilterDestroy(native);
            Leave();
        }

        Forget();
    }

    /// <summary>Another stream may come by.</summary>
    internal void Reset() => _isOver = false;

    /// <summary>A hook is about to be called: what is lent from now on is good until it returns.</summary>
    internal void Enter() => _scope.Enter(filter, configuration.Library.ChangesHandlers);

    internal void Leave()
    {
        if (_scope.Leave())
        {
            Lent.TakeBack();
        }
    }

    /// <summary>Does it look at the body of requests, or of responses?</summary>
    internal bool SeesBody(bool response) => response ? _hooks.ResponseBody is not null : _hooks.RequestBody is not null;

    internal HeadersStatus OnHeaders(bool response, bool endStream)
    {
        var hook = response ? _hooks.ResponseHeaders : _hooks.RequestHeaders;
        if (hook is null)
        {
            return HeadersStatus.Continue;
        }

        Enter();
        var status = hook(Pointer, Native, endStream ? (byte)1 : (byte)0);
        Leave();
        return status;
    }

    internal DataStatus OnBody(bool response, bool endStream)
    {
        var hook = response ? _hooks.ResponseBody : _hooks.RequestBody;
        Enter();
        var status = hook(Pointer, Native, endStream ? (byte)1 : (byte)0);
        Leave();
        return status;
    }

    internal TrailersStatus OnTrailers(bool response)
    {
        var hook = response ? _hooks.ResponseTrailers : _hooks.RequestTrailers;
        if (hook is null)
        {
            return TrailersStatus.Continue;
        }

        Enter();
        var status = hook(Pointer, Native);
        Leave();
        return status;
    }

    /// <summary>The stream is over, and what became of it is known.</summary>
    internal void OnComplete()
    {
        if (Native != 0)
        {
            Tell(_hooks.StreamComplete);
        }
    }

    /// <summary>The client takes no more for now. True: the module was told, and may have asked for something.</summary>
    internal bool OnClientBlocked() => IsAlive && Tell(_hooks.ClientBlocked);

    /// <summary>The client takes again. True: the module was told, and may have asked for something.</summary>
    internal bool OnClientWritten() => IsAlive && Tell(_hooks.ClientWritten);

    /// <summary>An event that the module scheduled, perhaps on another thread, has come to the loop. True: the module was told.</summary>
    internal bool OnScheduled(ulong id)
    {
        if (!IsAlive || _hooks.Scheduled is null)
        {
            return false;
        }

        Enter();
        _hooks.Scheduled(Pointer, Native, id);
        Leave();
        return true;
    }

    /// <summary>The proxy answers by itself. What the module says to that; null: it was not asked.</summary>
    internal LocalReplyStatus? OnLocalReply(int status, string details)
    {
        if (!IsAlive || _hooks.LocalReply is null)
        {
            return null;
        }

        Enter();
        var answer = _hooks.LocalReply(Pointer, Native, (uint)status, Lent.LendText(details), 0);
        Leave();
        return answer;
    }

    private bool Tell(delegate* unmanaged[Cdecl]<nint, nint, void> hook)
    {
        if (hook is null)
        {
            return false;
        }

        Enter();
        hook(Pointer, Native);
        Leave();
        return true;
    }

    private void Forget()
    {
        HostPointers<ModuleFilter>.Clear(_place);
        Pointer = 0;
    }
}
