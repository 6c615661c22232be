namespace Outrider.Plugins.Modules.Signals;

/// <summary>What of ours has called a module on this thread: a stream's filter or the events of a configuration. Read and set on that thread alone.</summary>
internal static class ModuleThread
{
    [ThreadStatic]
    private static object? t_caller;

    /// <summary>Who called; null on a thread that is in no module, and on one that a module started.</summary>
    internal static object? Caller
    {
        get => t_caller;
        set => t_caller = value;
    }
}
