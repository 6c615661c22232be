using System.Text;
using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>Fills Maglev's table. It depends on the hosts' addresses and weights, and not on their order: every process makes the same.</summary>
internal static class MaglevTable
{
    // MOSN's two sizes. A hundred places for a host keep shares within a few per cent, and let few of the others' keys move with a host.
    private const int Small = 65537;
    private const int Large = 655373;
    private const int PlacesForHost = 100;

    /// <summary>The table: an index of a host in each place; one place of −1 without hosts.</summary>
    public static int[] Build(BalancedHosts hosts)
    {
        if (hosts.Count == 0)
        {
            return [-1];
        }

        int size = hosts.Count > Small / PlacesForHost ? Large : Small;
        int[] table = new int[size];
        Array.Fill(table, -1);

        // By address, so that the order of the configuration decides nothing.
        int[] order = [.. Enumerable.Range(0, hosts.Count).OrderBy(i => hosts[i].Address, StringComparer.Ordinal)];
        var places = new uint[order.Length];
        var skips = new uint[order.Length];
        var turns = new double[order.Length];
        double heaviest = 0;
        for (int i = 0; i < order.Length; i++)
        {
            byte[] name = Encoding.UTF8.GetBytes(hosts[order[i]].Address);
            places[i] = (uint)(Hash(name, 0xCBF29CE484222325) % (ulong)size);
            skips[i] = (uint)((Hash(name, 0x9AE16A3B2F90404F) % (ulong)(size - 1)) + 1);
            heaviest = Math.Max(heaviest, hosts.Weights[order[i]]);
        }

        for (int filled = 0; ;)
        {
            for (int i = 0; i < order.Length; i++)
            {
                // A turn for each whole one that the weight has added up to; the heaviest has one in each round.
                turns[i] += hosts.Weights[order[i]] / heaviest;
                if (turns[i] < 1)
                {
                    continue;
                }

                turns[i]--;
                uint place = places[i];
                while (table[place] >= 0)
                {
                    place = Next(place, skips[i], size);
                }

                table[place] = order[i];
                places[i] = Next(place, skips[i], size);
                if (++filled == size)
                {
                    return table;
                }
            }
        }
    }

    private static uint Next(uint place, uint skip, int size)
    {
        ulong next = (ulong)place + skip;
        return (uint)(next >= (ulong)size ? next - (ulong)size : next);
    }

    // FNV-1a with the end of MurmurHash3: one hash for the first place and, from another start, one for the way from place to place.
    private static ulong Hash(ReadOnlySpan<byte> text, ulong hash)
    {
        foreach (byte b in text)
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
