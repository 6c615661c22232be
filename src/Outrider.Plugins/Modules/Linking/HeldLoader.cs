using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>
/// What is left to do while a constructor of a library does not return. It holds the C library's loader, so that whoever looks up a
/// function in it waits for ever: .NET at the first call of each system function, and <c>exit</c>. So what such a process is to do is looked up
/// before, and it ends by <c>_exit</c>. Any thread.
/// </summary>
internal static unsafe class HeldLoader
{
    private const BindingFlags Declared = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Lock s_gate = new();
    private static Timer? s_timer;
    private static nint s_exit;
    private static nint s_write;
    private static nint s_signal;

    /// <summary>Looks up what a process with a held loader needs: its end, its last words, and the system functions that the proxy goes on with. Only the first call does.</summary>
    internal static void Prepare()
    {
        lock (s_gate)
        {
            if (s_exit != 0)
            {
                return;
            }

            nint library = NativeLibrary.Load("libc", typeof(HeldLoader).Assembly, null);
            s_write = DynamicLinker.Find(library, "write");
            s_signal = DynamicLinker.Find(library, "signal");
            LinkOwn();
            // Its thread is there, and all that it takes to wake it.
            using (var ran = new ManualResetEventSlim())
            using (new Timer(_ => ran.Set(), null, 0, Timeout.Infinite))
            {
                _ = ran.Wait(TimeSpan.FromSeconds(1));
            }

            s_exit = DynamicLinker.Find(library, "_exit");
        }
    }

    /// <summary>Ends the process without what others want done at its end, for that would wait for the loader.</summary>
    /// <param name="exitCode">What it ends with.</param>
    /// <param name="words">Written to stderr before, as far as stderr takes them at once; may be empty.</param>
    internal static void End(int exitCode, string words)
    {
        if (s_exit == 0)
        {
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(words);
        fixed (byte* first = bytes)
        {
            if (bytes.Length > 0)
            {
                _ = ((delegate* unmanaged[Cdecl]<int, byte*, nint, nint>)s_write)(2, first, bytes.Length);
            }
        }

        ((delegate* unmanaged[Cdecl]<int, void>)s_exit)(exitCode);
    }

    /// <summary><see cref="End"/>, after a time.</summary>
    internal static void EndIn(TimeSpan time, int exitCode, string words) => s_timer = new Timer(_ => End(exitCode, words), null, time, Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Lets SIGTERM, SIGINT and SIGQUIT end the process at once, by the system's own answer: .NET serves each on a new thread, and no thread begins
    /// while the loader is held.
    /// </summary>
    internal static void LetSignalsEnd()
    {
        if (s_exit != 0)
        {
            foreach (int number in (ReadOnlySpan<int>)[2, 3, 15])
            {
                // SIG_DFL.
                _ = ((delegate* unmanaged[Cdecl]<int, nint, nint>)s_signal)(number, 0);
            }
        }
    }

    // Every function of the system that the proxy's own code calls.
    private static void LinkOwn()
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.GetName().Name is not { } name || !name.StartsWith("Outrider", StringComparison.Ordinal) || assembly.IsCollectible)
            {
                continue;
            }

            foreach (var method in TypesOf(assembly).SelectMany(type => type.GetMethods(Declared)))
            {
                if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0)
                {
                    Link(method);
                }
            }
        }
    }

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException)
        {
            return [];
        }
    }

    private static void Link(MethodInfo method)
    {
        try
        {
            Marshal.Prelink(method);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A library that this machine does not have, and which nobody can call then.
        }
    }
}
