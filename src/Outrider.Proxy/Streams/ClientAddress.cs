using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Net.Addresses;
using Outrider.Proxy.Listening;

namespace Outrider.Proxy.Streams;

/// <summary>
/// Finds the client's address in <c>x-forwarded-for</c>, to which each proxy adds the address of who it serves: from the right, as far as
/// those are trusted that added something. What stands left of it anybody may have written. Allocates nothing.
/// </summary>
internal static class ClientAddress
{
    /// <summary>The client's address; the peer's where nobody is trusted, or the field does not reach that far.</summary>
    /// <param name="fields">The request's, as they came.</param>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="trusted">Who is believed.</param>
    internal static PeerAddress Find(HeaderBlock fields, PeerAddress peer, TrustedProxies trusted)
    {
        bool byHops = trusted.Hops > 0;
        if (!trusted.IsAny || (!byHops && !trusted.Contains(peer)))
        {
            return peer;
        }

        var client = peer;
        int hops = trusted.Hops;

        // Several lines are one list (RFC 9110 §5.3).
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            if (fields.KnownAt(i) != KnownHeader.XForwardedFor)
            {
                continue;
            }

            for (var list = fields.ValueAt(i); !list.IsEmpty;)
            {
                int comma = list.LastIndexOf((byte)',');
                var text = list[(comma + 1)..].Trim(" \t"u8);
                list = comma < 0 ? default : list[..comma];
                if (text.IsEmpty)
                {
                    continue;
                }

                if (!PeerAddressText.TryParse(text, out var address))
                {
                    // Whoever wrote this is the last that is known.
                    return byHops ? peer : client;
                }

                client = address;
                if (byHops ? --hops == 0 : !trusted.Contains(address))
                {
                    return client;
                }
            }
        }

        return byHops ? peer : client;
    }
}
