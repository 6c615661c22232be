using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Streams;
using Outrider.Proxy.Server;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>What belongs to no stream: the log, the process, and what modules of one process share. Any thread.</summary>
internal static unsafe class CommonCallbacks
{
    private const string P = CallbackGuard.Prefix;

    private static readonly ConcurrentDictionary<string, nint> s_functions = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, nint> s_data = new(StringComparer.Ordinal);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "log")]
    private static void Log(LogLevel level, ModuleBuffer message)
    {
        CallbackGuard.Enter();
        Write(level, message);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "log_v2")]
    private static void LogWithPlace(LogLevel level, ModuleBuffer message, ModuleBuffer file, uint line)
    {
        CallbackGuard.Enter();
        Write(level, message);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "log_enabled")]
    private static byte LogEnabled(LogLevel level)
    {
        CallbackGuard.Enter();
        try
        {
            return level < LogLevel.Off && IsEnabled(LevelOf(level)) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_log_level")]
    private static LogLevel GetLogLevel()
    {
        CallbackGuard.Enter();
        try
        {
            for (var level = LogLevel.Trace; level < LogLevel.Off; level++)
            {
                if (IsEnabled(LevelOf(level)))
                {
                    return level;
                }
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }

        return LogLevel.Off;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_concurrency")]
    private static uint GetConcurrency()
    {
        CallbackGuard.Enter();
        return (uint)ProxyRuntime.MaxLoops;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "is_validation_mode")]
    private static byte IsValidationMode()
    {
        CallbackGuard.Enter();
        return ModuleLibrary.OnlyChecks ? (byte)1 : (byte)0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "register_function")]
    private static byte RegisterFunction(ModuleBuffer key, nint function)
    {
        CallbackGuard.Enter();
        try
        {
            return function != 0 && s_functions.TryAdd(Encoding.UTF8.GetString(key.Span), function) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_function")]
    private static byte GetFunction(ModuleBuffer key, nint* function)
    {
        CallbackGuard.Enter();
        return Get(s_functions, key, function);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "register_shared_data")]
    private static byte RegisterSharedData(ModuleBuffer key, nint data)
    {
        CallbackGuard.Enter();
        try
        {
            if (data == 0)
            {
                return 0;
            }

            s_data[Encoding.UTF8.GetString(key.Span)] = data;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_shared_data")]
    private static byte GetSharedData(ModuleBuffer key, nint* data)
    {
        CallbackGuard.Enter();
        return Get(s_data, key, data);
    }

    private static byte Get(ConcurrentDictionary<string, nint> registered, ModuleBuffer key, nint* found)
    {
        try
        {
            if (!registered.TryGetValue(Encoding.UTF8.GetString(key.Span), out nint pointer))
            {
                return 0;
            }

            *found = pointer;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    private static void Write(LogLevel level, ModuleBuffer message)
    {
        try
        {
            if (level >= LogLevel.Off)
            {
                return;
            }

            if (ModuleFilter.Current is { } filter)
            {
                if (filter.Context.Log is var log && log.IsEnabled(LevelOf(level)))
                {
                    log.Write(LevelOf(level), Encoding.UTF8.GetString(message.Span));
                }
            }
            else
            {
                ModuleLog.Write(LevelOf(level), Encoding.UTF8.GetString(message.Span));
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    private static bool IsEnabled(StreamLogLevel level) => ModuleFilter.Current is { } filter ? filter.Context.Log.IsEnabled(level) : ModuleLog.IsEnabled(level);

    private static StreamLogLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace => StreamLogLevel.Trace,
        LogLevel.Debug => StreamLogLevel.Debug,
        LogLevel.Info => StreamLogLevel.Info,
        LogLevel.Warn => StreamLogLevel.Warn,
        _ => StreamLogLevel.Error,
    };
}
