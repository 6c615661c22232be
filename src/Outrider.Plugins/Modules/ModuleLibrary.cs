using System.Runtime.InteropServices;
using System.Text;

namespace Outrider.Plugins.Modules;

/// <summary>
/// A module's file, loaded. Once in a process, whatever configurations name it, and never unloaded: a runtime that came with it
/// (Go's, .NET's) has threads and handlers that nobody could take back.
/// </summary>
internal sealed class ModuleLibrary
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, ModuleLibrary> s_loaded = new(StringComparer.Ordinal);

    private ModuleLibrary(string path, ModuleHooks hooks)
    {
        Path = path;
        Hooks = hooks;
    }

    /// <summary>The file, with all links followed.</summary>
    internal string Path { get; }

    internal ModuleHooks Hooks { get; }

    /// <summary>Where the module is told of its configurations.</summary>
    internal ConfigurationEvents ConfigurationEvents { get; } = new();

    /// <summary>The module of that file. Any thread; one loads at a time.</summary>
    /// <exception cref="IOException">It is missing, no library, refers to something that is not there, or refuses; the message says which.</exception>
    internal static ModuleLibrary Load(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new IOException($"there is no file {path}");
        }

        string real = file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
        lock (s_gate)
        {
            if (!s_loaded.TryGetValue(real, out var library))
            {
                LoadedCode.Remember(real);
                library = LoadNew(real);
                s_loaded.Add(real, library);
            }

            return library;
        }
    }

    private static unsafe ModuleLibrary LoadNew(string path)
    {
        var callbacks = CallbackExports.Ensure();
        ModuleHooks hooks;
        try
        {
            // Here and not when the linker looks: a library that it looks into late would take the process down at the first call.
            string[] missing = [.. ModuleImage.CallbacksOf(path).Where(name => !callbacks.Contains(name)).Order(StringComparer.Ordinal)];
            if (missing.Length > 0)
            {
                throw new IOException($"it calls what Outrider does not have: {string.Join(", ", missing)} (docs/modules.md lists what there is)");
            }

            hooks = new ModuleHooks(DynamicLinker.Load(path, global: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot load the module {path}: {e.Message}", e);
        }

        if (hooks.Missing is { } hook)
        {
            throw new IOException($"cannot load the module {path}: it has no {hook}, so it is no module with HTTP filters");
        }

        byte* version = hooks.ProgramInit();
        if (version is null)
        {
            throw new IOException($"the module {path} refused to start (its {Envoy.Abi.HookNames.ProgramInit} returned null)");
        }

        string text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(version));
        if (text is not ("v0.1.0" or "v0.2.0"))
        {
            ModuleLog.Write(Filters.StreamLogLevel.Warn, $"module {path} was made for the ABI {text}, Outrider speaks v0.2.0");
        }

        return new ModuleLibrary(path, hooks);
    }
}
