using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Assemblies;
using Outrider.Envoy.Logging;

namespace Outrider.Envoy.Hosted;

/// <summary>The beginning of .NET inside Envoy: what <c>native/outrider_module.c</c> calls once it has started the runtime.</summary>
public static unsafe class HostedModule
{
    /// <summary>Gives the native part the functions that it hands Envoy's calls on to. Once, on Envoy's main thread.</summary>
    /// <param name="hooks">The table.</param>
    /// <param name="count">Its lines.</param>
    /// <returns>A C string, the version of the ABI that the module speaks; 0 when it cannot start, which is in Envoy's log.</returns>
    [UnmanagedCallersOnly]
    public static nint Start(nint hooks, nuint count)
    {
        try
        {
            var functions = Functions();
            foreach (ref var hook in new Span<HookEntry>((void*)hooks, checked((int)count)))
            {
                string name = Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(hook.Name));
                *hook.Function = functions.GetValueOrDefault(name) is not 0 and var function ? function
                    : throw new InvalidOperationException($"liboutrider.so asks for {name}, which its assemblies do not have: they are of another version");
            }

            FaultSignals.Watch();
            ExtensionJson.ScalarsAsText = ModuleLog.Warn;
            // What every stream goes through, not in the first streams' time.
            CompiledAhead.Compile(typeof(EnvoyModule).Assembly);
            CompiledAhead.Methods(typeof(BeginHooks));
            return EnvoyModule.Start(new HostedFilters());
        }
        catch (Exception e)
        {
            ModuleLog.Error($"the module cannot start: {e}");
            return 0;
        }
    }

    private static Dictionary<string, nint> Functions()
    {
        var found = new Dictionary<string, nint>(StringComparer.Ordinal);
        foreach (var type in typeof(EnvoyModule).Assembly.GetTypes().Append(typeof(BeginHooks)))
        {
            foreach (var method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                if (method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>() is { EntryPoint: { } name })
                {
                    found[name] = method.MethodHandle.GetFunctionPointer();
                }
            }
        }

        return found;
    }
}
