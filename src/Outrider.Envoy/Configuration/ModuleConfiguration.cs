using Outrider.Envoy.Logging;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Configuration;

/// <summary>One filter's configuration, as Envoy loaded it. Its factory is disposed when nobody uses it any more. Any thread.</summary>
internal sealed class ModuleConfiguration(string name, IStreamFilterFactory factory)
{
    // Streams whose filters live, and one for Envoy itself.
    private long _users = 1;

    /// <summary>The name that the configuration asked for the filter by.</summary>
    internal string Name => name;

    /// <summary>Makes the filters.</summary>
    internal IStreamFilterFactory Factory => factory;

    /// <summary>The version of the filter's code, where that can be replaced while the host runs; null where it cannot.</summary>
    internal object? Version { get; init; }

    /// <summary>A stream begins to use it. False: nobody uses it any more, and another has taken its place.</summary>
    internal bool TryRetain()
    {
        long users = Volatile.Read(ref _users);
        while (users > 0)
        {
            long found = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (found == users)
            {
                return true;
            }

            users = found;
        }

        return false;
    }

    /// <summary>Does the host leave out what follows a response's head, its end with it?</summary>
    internal bool IsResponseEndUnseen { get; private set; }

    /// <summary>A host asks what it has to call this configuration's filters for, and calls them for no more.</summary>
    internal FilterNeeds TellNeeds()
    {
        if (Version is not null)
        {
            // The next one may have other needs.
            return FilterNeeds.Response | FilterNeeds.ResponseBody;
        }

        var needs = FilterNeeds.None;
        if ((factory.Methods & (StreamFilterMethods.EncodeData | StreamFilterMethods.EncodeTrailers)) != 0)
        {
            needs = FilterNeeds.Response | FilterNeeds.ResponseBody;
        }
        else if ((factory.Methods & StreamFilterMethods.EncodeHeaders) != 0)
        {
            needs = FilterNeeds.Response;
        }

        IsResponseEndUnseen = (needs & FilterNeeds.ResponseBody) == 0;
        return needs;
    }

    /// <summary>A stream, or Envoy itself, has let go of it. True: that was the last.</summary>
    internal bool Release()
    {
        if (Interlocked.Decrement(ref _users) != 0)
        {
            return false;
        }

        try
        {
            (factory as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            ModuleLog.Error($"filter '{name}', when its configuration was disposed: {e}");
        }

        return true;
    }
}
