using System.Runtime.CompilerServices;
using System.Text;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Metadata;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Finds a stream's metadata for a module, and stores it where the module wants it, if it is what the module wants. Throws nothing.</summary>
internal static unsafe class MetadataValues
{
    /// <summary>The value; null when there is none.</summary>
    internal static object? Find(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, [CallerMemberName] string callback = "")
    {
        try
        {
            return source == MetadataSource.Dynamic && ModuleFilter.Find(stream) is { } filter ? Find(filter, ns.Text, key.Text) : null;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e, callback);
            return null;
        }
    }

    /// <summary>An element of a list; null when there is none, or no list.</summary>
    internal static object? Find(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, [CallerMemberName] string callback = "")
        => Find(stream, source, ns, key, callback) is List<object> list && index < (nuint)list.Count ? list[(int)index] : null;

    internal static byte TryStore(object? value, double* result)
    {
        if (value is not double number)
        {
            return 0;
        }

        *result = number;
        return 1;
    }

    internal static byte TryStore(object? value, byte* result)
    {
        if (value is not bool flag)
        {
            return 0;
        }

        *result = flag ? (byte)1 : (byte)0;
        return 1;
    }

    internal static byte TryStore(object? value, nint stream, EnvoyBuffer* result)
    {
        if (value is not byte[] text)
        {
            return 0;
        }

        *result = ModuleFilter.Find(stream)!.Lent.LendCopy(text);
        return 1;
    }

    // The stream's own metadata has the last word: filters that are no modules set it too.
    private static object? Find(ModuleFilter filter, string ns, string key)
    {
        object? own = ModuleStreamState.Of(filter.Context)?.Get(ns, key);
        if (own is not (null or double or bool or byte[]))
        {
            return own;
        }

        var shared = filter.Context.Metadata;
        if (shared.GetText(ns, key) is { } text)
        {
            return own is byte[] bytes && Encoding.UTF8.GetString(bytes) == text ? own : Encoding.UTF8.GetBytes(text);
        }

        return shared.GetNumber(ns, key) ?? (object?)shared.GetFlag(ns, key);
    }
}
