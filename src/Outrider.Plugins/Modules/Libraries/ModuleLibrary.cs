using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Signals;

namespace Outrider.Plugins.Modules.Libraries;

/// <summary>
/// A module's file, loaded. Once in a process, whatever configurations name it, and never unloaded: a runtime that came with it
/// (Go's, .NET's) has threads and handlers that nobody could take back.
/// </summary>
internal sealed class ModuleLibrary
{
    private static readonly ConcurrentDictionary<string, ModuleLibrary> s_loaded = new(StringComparer.Ordinal);
    // One loads at a time.
    private static readonly ModuleCalls s_loading = new("a module that is loaded", null);
    // More than saying why takes.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static volatile bool s_isLinking;

    private volatile bool _changesHandlers;

    private ModuleLibrary(string path, ModuleHooks hooks)
    {
        Path = path;
        Hooks = hooks;
        Calls = new ModuleCalls($"the module {path}", this);
    }

    /// <summary>Is this process one that only checks configurations? Set before the first module is loaded. Default: false.</summary>
    internal static bool OnlyChecks { get; set; }

    /// <summary>The file, with all links followed.</summary>
    internal string Path { get; }

    internal ModuleHooks Hooks { get; }

    /// <summary>By which the module is called outside of its streams.</summary>
    internal ModuleCalls Calls { get; }

    /// <summary>Has it changed signal handlers of the process (Go's runtime does)? Then signals are kept away while it runs: <see cref="SignalShield"/>.</summary>
    internal bool ChangesHandlers => _changesHandlers;

    /// <summary>The module of that file. Any thread; one loads at a time.</summary>
    /// <exception cref="IOException">It is missing, no library, refers to something that is not there, refuses, or does not load in time; the message says which.</exception>
    internal static ModuleLibrary Load(string path, TimeSpan limit)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new IOException($"there is no file {path}");
        }

        string real = file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        if (s_loaded.TryGetValue(real, out var loaded))
        {
            return loaded;
        }

        // Ours, and not of the library's time.
        HeldLoader.Prepare();
        try
        {
            s_loading.Run(() => loaded = s_loaded.GetValueOrDefault(real) ?? Remember(real), $"loading and starting {real}", limit);
        }
        catch (TimeoutException e)
        {
            string message = $"{e.Message} (library.timeout)";
            if (LoaderIsHeld && Serves)
            {
                HeldLoader.LetSignalsEnd();
                message += "; its constructor holds the system's loader: restart the proxy, which takes no more signals but those that end it, at once";
            }
            else if (LoaderIsHeld)
            {
                // What follows is no more than to say so, and to end. Where that, too, waits for the loader, it has had its time.
                HeldLoader.EndIn(s_patience, 1, $"outrider: {message}\n");
            }

            throw new IOException(message, e);
        }

        return loaded!;
    }

    /// <summary>Does the process serve, so that it goes on without a library that does not load?</summary>
    internal static bool Serves { get; set; }

    /// <summary>Is a library still being loaded for which nobody waits any more? Its constructor holds the C library's loader.</summary>
    internal static bool LoaderIsHeld => s_isLinking && s_loading.IsLate;

    /// <summary>Waits until every module has been told what it was to be told, at most that long for each.</summary>
    internal static void Complete(TimeSpan limit)
    {
        foreach (var library in s_loaded.Values)
        {
            library.Calls.End(static () => { }, "an earlier call", limit);
        }
    }

    /// <summary>Takes back what the library has done to signal handlers of the process since.</summary>
    internal void Restore(SignalHandlers before)
    {
        var changed = before.Restore();
        if (before.IsReplaced(SignalCalls.Suspension))
        {
            SignalShield.AddRuntime();
        }

        if (!changed.IsEmpty)
        {
            SignalShield.Add(changed);
            _changesHandlers = true;
        }
    }

    private static ModuleLibrary Remember(string path)
    {
        LoadedCode.Remember(path);
        var library = LoadNew(path);
        s_loaded[path] = library;
        return library;
    }

    private static ModuleLibrary LoadNew(string path)
    {
        var callbacks = CallbackExports.Ensure();
        ModuleLibrary library;
        try
        {
            // Here and not when the linker looks: a library that it looks into late would take the process down at the first call.
            string[] missing = [.. ModuleImage.Of(path).Callbacks.Where(name => !callbacks.Contains(name)).Order(StringComparer.Ordinal)];
            if (missing.Length > 0)
            {
                throw new IOException($"it calls what Outrider does not have: {string.Join(", ", missing)} (docs/modules.md lists what there is)");
            }

            library = Link(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot load the module {path}: {e.Message}", e);
        }

        if (library.Hooks.Missing is { } hook)
        {
            throw new IOException($"cannot load the module {path}: it has no {hook}, so it is no module with HTTP filters");
        }

        string? version = null;
        // Where it is loaded, so without a wait of its own.
        library.Calls.RunFirst(() => version = library.Init(), HookNames.ProgramInit, Timeout.InfiniteTimeSpan);
        if (version is null)
        {
            throw new IOException($"the module {path} refused to start (its {HookNames.ProgramInit} returned null)");
        }

        if (version is not ("v0.1.0" or "v0.2.0"))
        {
            ModuleLog.Write(Filters.StreamLogLevel.Warn, $"module {path} was made for the ABI {version}, Outrider speaks v0.2.0");
        }

        return library;
    }

    private static ModuleLibrary Link(string path)
    {
        var handlers = SignalHandlers.Read();
        ModuleLibrary library;
        // No collection between what the library does to the handlers and its taking back.
        using (CollectionPause.Begin())
        {
            // Threads that the library starts while it is loaded inherit what is blocked here: signals of the process (SIGTERM,
            // SIGHUP, SIGCHLD …) are not for them, nor for the stacks that they run on. The suspension signal is left as it is,
            // for a .NET that comes with a library needs it on its threads.
            var away = handlers.OnTheThreadsStack;
            away.Remove(SignalCalls.Suspension);
            using (BlockedSignals.Begin(away))
            {
                s_isLinking = true;
                library = new ModuleLibrary(path, new ModuleHooks(DynamicLinker.Load(path, global: false)));
                s_isLinking = false;
                library.Restore(handlers);
            }
        }

        if (library.ChangesHandlers)
        {
            ModuleLog.Write(Filters.StreamLogLevel.Debug, $"module {path} changed the process's signal handlers, as Go's runtime does: they are restored, and signals are kept away while it runs");
        }

        return library;
    }

    private unsafe string? Init()
    {
        byte* version = Hooks.ProgramInit();
        return version is null ? null : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(version));
    }
}
