namespace Outrider.Net.Addresses;

/// <summary>
/// The addresses of this machine that a loop's connections have, each as one object that they share: a connection remembers its own for 8 bytes
/// instead of 20, and the kernel is asked once for each connection and not for each request. One loop's.
/// </summary>
internal sealed class OwnAddresses
{
    // Mostly there is one for each listener; what falls into the same place only shares less.
    private const int Places = 16;

    private readonly OwnAddress?[] _known = new OwnAddress?[Places];

    internal OwnAddress Of(PeerAddress address)
    {
        ref var place = ref _known[address.GetHashCode() & (Places - 1)];
        if (place is null || place.Value != address)
        {
            place = new OwnAddress(address);
        }

        return place;
    }
}

/// <summary>An address of this machine. Immutable.</summary>
internal sealed class OwnAddress(PeerAddress value)
{
    internal PeerAddress Value { get; } = value;

    /// <summary>Is it not the socket's, but the one that the client wanted?</summary>
    internal bool IsRestored { get; init; }
}
