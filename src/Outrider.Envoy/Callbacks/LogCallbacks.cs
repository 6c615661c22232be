using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Envoy's log, component <c>dynamic_modules</c>. Any thread.</summary>
internal static unsafe class LogCallbacks
{
    private static delegate* unmanaged<LogLevel, ModuleBuffer, void> s_log;
    private static delegate* unmanaged[SuppressGCTransition]<LogLevel, byte> s_enabled;

    internal static bool IsEnabled(LogLevel level)
    {
        if (s_enabled == null)
        {
            s_enabled = (delegate* unmanaged[SuppressGCTransition]<LogLevel, byte>)Callback.Find("log_enabled");
        }

        return s_enabled(level) != 0;
    }

    internal static void Write(LogLevel level, ReadOnlySpan<byte> line)
    {
        if (s_log == null)
        {
            s_log = (delegate* unmanaged<LogLevel, ModuleBuffer, void>)Callback.Find("log");
        }

        fixed (byte* bytes = line)
        {
            s_log(level, new(bytes, (nuint)line.Length));
        }
    }
}
