using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Logging;

/// <summary>Envoy's log, as the module writes to it. Any thread; never throws.</summary>
internal static class ModuleLog
{
    internal static bool IsEnabled(LogLevel level)
    {
        try
        {
            return LogCallbacks.IsEnabled(level);
        }
        catch (EnvoyVersionException)
        {
            return true;
        }
    }

    internal static void Write(LogLevel level, string message)
    {
        try
        {
            LogCallbacks.Write(level, Encoding.UTF8.GetBytes(message));
        }
        catch (EnvoyVersionException)
        {
            // A host without a log: there is nowhere else to say it.
            Console.Error.WriteLine(message);
        }
    }

    internal static void Error(string message) => Write(LogLevel.Error, message);

    internal static void Warn(string message) => Write(LogLevel.Warn, message);

    internal static void Info(string message) => Write(LogLevel.Info, message);
}
