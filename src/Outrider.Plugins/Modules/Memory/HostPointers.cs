namespace Outrider.Plugins.Modules.Memory;

/// <summary>
/// The host's objects under numbers that modules hold in the place of pointers. A number names a place in a table and how
/// often that place was used before, so one that a module kept too long finds nothing, and never another stream's object.
/// </summary>
/// <remarks>Any thread. A lookup takes no lock: places are only ever added, and an object's owner writes its own alone.</remarks>
/// <typeparam name="T">What the numbers stand for.</typeparam>
internal static class HostPointers<T>
    where T : class
{
    private static readonly Lock s_gate = new();
    private static readonly Stack<Place> s_free = new();
    private static volatile Place?[] s_places = new Place?[64];
    private static int s_count;

    internal sealed class Place(int index)
    {
        // Odd while it is in use, so that no number is ever 0.
        internal uint Generation;
        internal T? Object;

        internal nint Pointer => (nint)(((ulong)Volatile.Read(ref Generation) << 32) | (uint)index);
    }

    /// <summary>How many places are in use.</summary>
    internal static int Count => s_places.Count(place => place is not null && (Volatile.Read(ref place.Generation) & 1) != 0);

    /// <summary>A place for one owner, which keeps it as long as it likes.</summary>
    internal static Place Rent()
    {
        lock (s_gate)
        {
            if (s_free.TryPop(out var place))
            {
                return place;
            }

            var places = s_places;
            if (s_count == places.Length)
            {
                Array.Resize(ref places, places.Length * 2);
            }

            place = places[s_count] = new Place(s_count);
            s_count++;
            s_places = places;
            return place;
        }
    }

    /// <summary>The owner is gone.</summary>
    internal static void Return(Place place)
    {
        lock (s_gate)
        {
            s_free.Push(place);
        }
    }

    /// <summary>From now on the place's number stands for the object.</summary>
    internal static nint Set(Place place, T value)
    {
        place.Object = value;
        Volatile.Write(ref place.Generation, place.Generation + 1);
        return place.Pointer;
    }

    /// <summary>From now on the place's number stands for nothing.</summary>
    internal static void Clear(Place place)
    {
        Volatile.Write(ref place.Generation, place.Generation + 1);
        place.Object = null;
    }

    /// <summary>What a number stands for; null when it stands for nothing (any more).</summary>
    internal static T? Find(nint pointer)
    {
        var places = s_places;
        uint index = (uint)pointer;
        if (index >= (uint)places.Length || places[index] is not { } place)
        {
            return null;
        }

        // The object before the number: where the number is still right, the object was its own.
        var found = Volatile.Read(ref place.Object);
        return (uint)((ulong)pointer >> 32) == Volatile.Read(ref place.Generation) ? found : null;
    }
}
