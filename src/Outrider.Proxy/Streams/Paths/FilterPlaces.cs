using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>The filters of one direction in the order that they see a message in, and what each has seen of it. Lives, and is used again, with its way.</summary>
/// <param name="filters">The stream's.</param>
/// <param name="order">Which filter comes at which place.</param>
internal sealed class FilterPlaces(FilterChain filters, int[] order)
{
    private readonly FilterDriver[] _drivers = new FilterDriver[order.Length];

    /// <summary>Measures the calls; null where nobody wants to know what they cost.</summary>
    internal FilterMeter? Meter { get; } = filters.NewMeter();

    /// <summary>How many there are.</summary>
    internal int Count => order.Length;

    /// <summary>Which methods the filters of the stream have.</summary>
    internal FilterSet Set => filters.Set;

    /// <summary>The driver of the filter at a place.</summary>
    internal ref FilterDriver DriverAt(int place) => ref _drivers[place];

    /// <summary>The filter at a place, which is about to be called.</summary>
    internal StreamFilter Enter(int place) => filters.Enter(order[place]);

    /// <summary>The call into a filter has returned.</summary>
    internal void Leave()
    {
        Meter?.End();
        filters.Leave();
    }

    /// <summary>The call is waited for.</summary>
    internal void BeginWaiting()
    {
        filters.CallsWaitedFor++;
        Meter?.Wait();
    }

    /// <summary>A call that was waited for has ended.</summary>
    internal void EndWaiting() => filters.CallsWaitedFor--;

    /// <summary>Which filter comes at a place.</summary>
    internal int FilterAt(int place) => order[place];

    /// <summary>The filter at a place, as far as its factory tells.</summary>
    internal IStreamFilterFactory FactoryAt(int place) => filters.Set.Factories[order[place]];

    internal string NameAt(int place) => filters.Set.Names[order[place]];

    /// <summary>The filter at a place, if it can keep a message to itself.</summary>
    internal IHoldingFilter? HolderAt(int place) => filters.At(order[place]) as IHoldingFilter;

    /// <summary>The place of a filter; −1 when it has none in this direction.</summary>
    internal int PlaceOf(StreamFilter filter)
    {
        for (int place = 0; place < order.Length; place++)
        {
            if (filters.At(order[place]) == filter)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>The filters up to a place see nothing of the message that begins.</summary>
    internal void PassBy(int place)
    {
        foreach (ref var driver in _drivers.AsSpan(0, place + 1))
        {
            driver.PassBy();
        }
    }

    /// <summary>Makes ready for the next message.</summary>
    internal void Reset() => Array.Clear(_drivers);
}
