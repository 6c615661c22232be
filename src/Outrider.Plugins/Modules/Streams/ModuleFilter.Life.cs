using Outrider.Filters;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Memory;
using Outrider.Plugins.Modules.Signals;
using Outrider.Proxy.Streams.Callouts;
using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>From the module's making of its filter to the filter's end, and each of the calls in between.</summary>
internal sealed unsafe partial class ModuleFilter
{
    private object? _outer;
    private int _depth;
    private bool _isShielded;

    ~ModuleFilter() => HostPointers<ModuleFilter>.Return(_place);

    /// <summary>The filter whose hook runs on this thread, or null.</summary>
    internal static ModuleFilter? Current => ModuleThread.Caller as ModuleFilter;

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
            : $"the module's filter '{filter._configuration.FilterName}' called for a stream from a thread that is not the stream's; use the scheduler");
        return null;
    }

    public override void OnLog()
    {
        if (_module != 0 && _hooks.StreamComplete is not null)
        {
            Enter();
            _hooks.StreamComplete(_pointer, _module);
            Leave();
        }
    }

    public override void OnDestroy()
    {
        _callouts?.Cancel();
        if (_module == 0)
        {
            return;
        }

        nint module = _module;
        _module = 0;
        if (_hooks.FilterDestroy is not null)
        {
            Enter();
            _hooks.FilterDestroy(module);
            Leave();
        }

        HostPointers<ModuleFilter>.Clear(_place);
        _pointer = 0;
    }

    public override bool TryReset()
    {
        _request.Reset();
        _response.Reset();
        ForgetEffects();
        _answer?.OnClientUnblocked();
        _control = null;
        return true;
    }

    /// <summary>Makes the module's filter, the first time that the stream comes by.</summary>
    /// <exception cref="InvalidOperationException">The module makes none.</exception>
    private void Begin()
    {
        if (_module != 0)
        {
            return;
        }

        _control = ((ProxyStreamContext)Stream).Control;
        _pointer = HostPointers<ModuleFilter>.Set(_place, this);
        Enter();
        _module = _hooks.FilterNew(_configuration.Native, _pointer);
        Leave();
        if (_module == 0)
        {
            HostPointers<ModuleFilter>.Clear(_place);
            _pointer = 0;
            throw new InvalidOperationException($"the module {_configuration.Library.Path} made no filter (filter_new returned null)");
        }
    }

    /// <summary>A hook is about to be called: what is lent from now on is good until it returns.</summary>
    internal void Enter()
    {
        if (_depth++ == 0)
        {
            _outer = ModuleThread.Caller;
            ModuleThread.Caller = this;
            if (_configuration.Library.ChangesHandlers)
            {
                _isShielded = true;
                SignalShield.Enter();
            }
        }
    }

    internal void Leave()
    {
        if (--_depth == 0)
        {
            if (_isShielded)
            {
                _isShielded = false;
                SignalShield.Leave();
            }

            ModuleThread.Caller = _outer;
            _outer = null;
            Lent.TakeBack();
        }
    }
}
