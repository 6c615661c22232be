using Outrider.Plugins.Modules.Signals;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// The time that one of ours spends in a module's hooks: who called is known on the thread, and signals that the module's library must not get
/// are kept away. A hook may lead to another of the same filter. A field of the caller; never copied.
/// </summary>
internal struct HookScope
{
    private object? _outer;
    private int _depth;
    private bool _isShielded;

    /// <summary>A hook is about to be called.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="shields">Are signals to be kept away?</param>
    internal void Enter(object caller, bool shields)
    {
        if (_depth++ == 0)
        {
            _outer = ModuleThread.Caller;
            ModuleThread.Caller = caller;
            if (shields)
            {
                _isShielded = true;
                SignalShield.Enter();
            }
        }
    }

    /// <summary>A hook has returned. True: it was the outermost, and what was lent for it goes away.</summary>
    internal bool Leave()
    {
        if (--_depth > 0)
        {
            return false;
        }

        if (_isShielded)
        {
            _isShielded = false;
            SignalShield.Leave();
        }

        ModuleThread.Caller = _outer;
        _outer = null;
        return true;
    }
}
