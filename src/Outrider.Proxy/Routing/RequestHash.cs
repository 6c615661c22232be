using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Net.Addresses;
using Outrider.Upstream.Affinity;

namespace Outrider.Proxy.Routing;

/// <summary>
/// What a route's <c>hash_policy</c> makes of requests: a number that is the same for those that belong together, in every process. Compiled once;
/// allocates nothing.
/// </summary>
internal sealed class RequestHash
{
    private readonly (HashSourceKind Kind, byte[] Name)[] _sources;

    private RequestHash((HashSourceKind Kind, byte[] Name)[] sources, AffinityConfiguration? cookie)
    {
        _sources = sources;
        Cookie = cookie is null ? null : new CookieMaker(cookie);
    }

    /// <summary>Makes the cookie that a client gets which brings none, and that its hash is of; null where there is none to be made.</summary>
    public CookieMaker? Cookie { get; }

    /// <summary>That of a policy; null where there is none.</summary>
    public static RequestHash? Create(IReadOnlyList<HashSource> sources)
        => sources.Count == 0 ? null : new RequestHash([.. sources.Select(source => (source.Kind, Encoding.UTF8.GetBytes(source.Name)))], sources.Select(static source => source.Cookie).FirstOrDefault(static cookie => cookie is not null));

    /// <summary>The hash by the first source that the request has; null where it has none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="client">The client's address.</param>
    public ulong? Of(RequestHead request, PeerAddress client)
    {
        foreach (var (kind, name) in _sources)
        {
            var hash = kind switch
            {
                HashSourceKind.Header => OfHeader(request.Fields, name),
                HashSourceKind.Cookie => CookieField.TryFind(request.Fields, name, out var value) ? OfValue(value) : null,
                HashSourceKind.Path => OfPath(request),
                HashSourceKind.QueryParameter => OfParameter(request, name),
                _ => OfAddress(client),
            };
            if (hash is not null)
            {
                return hash;
            }
        }

        return null;
    }

    private static ulong? OfHeader(HeaderBlock fields, byte[] name)
    {
        ulong? hash = null;
        for (int i = 0; i < fields.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(fields.NameAt(i), name))
            {
                hash = Mix(Add(hash ?? Start, fields.ValueAt(i)));
            }
        }

        return hash;
    }

    /// <summary>The hash of a value.</summary>
    public static ulong OfValue(ReadOnlySpan<byte> value) => Mix(Add(Start, value));

    private static ulong? OfPath(RequestHead request)
    {
        var target = request.Target;
        int end = target.IndexOf((byte)'?');
        return OfValue(end < 0 ? target : target[..end]);
    }

    private static ulong? OfParameter(RequestHead request, byte[] name)
    {
        var target = request.Target;
        int query = target.IndexOf((byte)'?');
        for (var rest = query < 0 ? default : target[(query + 1)..]; !rest.IsEmpty;)
        {
            int end = rest.IndexOf((byte)'&');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (pair.StartsWith(name) && (pair.Length == name.Length || pair[name.Length] == (byte)'='))
            {
                return OfValue(pair.Length == name.Length ? default : pair[(name.Length + 1)..]);
            }
        }

        return null;
    }

    private static ulong? OfAddress(PeerAddress client)
    {
        if (!client.IsKnown || client.IsUnix)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[PeerAddress.MaxAddressLength];
        return Mix(Add(Start, text[..client.FormatAddress(text)]));
    }

    // FNV-1a, 64 bits (draft-eastlake-fnv), whose low bits alone are well mixed for short texts; the end of MurmurHash3 mixes the others.
    private const ulong Start = 0xCBF29CE484222325;

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }

    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
