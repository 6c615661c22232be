using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Outrider.Net.Tls;

namespace Outrider.Security;

/// <summary>
/// A listener's contexts, chosen by the name that a client asks for: the context that has the very name, else the one with
/// the closest wildcard, else the first. Any thread.
/// </summary>
internal sealed class TlsAcceptor : ITlsAcceptor, IDisposable
{
    // RFC 1035 §2.3.4 says 255 bytes on the wire, which is 253 characters; and a dot at the end.
    private const int LongestName = 256;

    private readonly TlsContext[] _contexts;
    private volatile Dictionary<string, TlsContext> _byName;

    /// <param name="contexts">In the order of the configuration; one at least.</param>
    /// <param name="acceptsPlainText">Whether a client may speak plain text.</param>
    internal TlsAcceptor(IReadOnlyList<TlsContext> contexts, bool acceptsPlainText)
    {
        _contexts = [.. contexts];
        AcceptsPlainText = acceptsPlainText;
        _byName = Index();
        foreach (var context in _contexts)
        {
            context.Renewed += OnRenewed;
        }
    }

    /// <inheritdoc/>
    public bool AcceptsPlainText { get; }

    /// <inheritdoc/>
    public int HandshakeTimeout => (int)_contexts[0].Configuration.HandshakeTimeout.TotalMilliseconds;

    /// <inheritdoc/>
    public SslServerAuthenticationOptions Select(string serverName)
        => Find(serverName).ServerOptions ?? throw new AuthenticationException("there is no certificate");

    /// <summary>Does it choose among these, in this order?</summary>
    internal bool Uses(IReadOnlyList<TlsContext> contexts) => _contexts.SequenceEqual(contexts);

    /// <summary>The context for that name; empty for a client that asks for none.</summary>
    internal TlsContext Find(ReadOnlySpan<char> serverName)
    {
        serverName = serverName.TrimEnd('.');
        if (_contexts.Length == 1 || serverName.IsEmpty || serverName.Length > LongestName)
        {
            return _contexts[0];
        }

        var names = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        if (names.TryGetValue(serverName, out var context))
        {
            return context;
        }

        // As MOSN: *.example.com answers for a.b.example.com too, where nothing closer does.
        Span<char> wildcard = stackalloc char[LongestName + 1];
        wildcard = wildcard[..(serverName.Length + 1)];
        serverName.CopyTo(wildcard[1..]);
        for (int dot = serverName.IndexOf('.'); dot >= 0;)
        {
            // The star takes the place before the dot.
            wildcard[dot] = '*';
            if (names.TryGetValue(wildcard[dot..], out context))
            {
                return context;
            }

            int next = serverName[(dot + 1)..].IndexOf('.');
            dot = next < 0 ? -1 : dot + 1 + next;
        }

        return _contexts[0];
    }

    /// <summary>
    /// Is this request for a name whose context asks more of clients than the one that the connection's handshake chose? Then it must
    /// not be served on this connection (421, RFC 9110 §15.5.20).
    /// </summary>
    /// <param name="authority">The request's: name, perhaps port.</param>
    /// <param name="info">What the handshake agreed on.</param>
    internal bool IsMisdirected(ReadOnlySpan<byte> authority, TlsInfo info)
    {
        if (_contexts.Length == 1)
        {
            return false;
        }

        // A colon inside the brackets of an IPv6 address begins no port.
        int colon = authority.LastIndexOf((byte)':');
        var host = colon >= 0 && colon > authority.LastIndexOf((byte)']') ? authority[..colon] : authority;
        Span<char> name = stackalloc char[LongestName];
        // No certificate's name is longer: the first context is what a handshake would have got.
        name = host.Length <= LongestName ? name[..Encoding.Latin1.GetChars(host, name)] : default;
        var wanted = Find(name);
        var chosen = Find(info.ServerName);
        return wanted != chosen && TlsDemands.AreMore(wanted.Configuration, chosen.Configuration, info);
    }

    /// <summary>Hears of renewals no more; the contexts live on.</summary>
    public void Dispose()
    {
        foreach (var context in _contexts)
        {
            context.Renewed -= OnRenewed;
        }
    }

    private void OnRenewed() => _byName = Index();

    // The first that has a name keeps it.
    private Dictionary<string, TlsContext> Index()
    {
        var names = new Dictionary<string, TlsContext>(StringComparer.OrdinalIgnoreCase);
        foreach (var context in _contexts)
        {
            foreach (string name in context.Credentials?.Names ?? [])
            {
                _ = names.TryAdd(name, context);
            }

            if (context.Configuration.ServerName.Length > 0)
            {
                _ = names.TryAdd(context.Configuration.ServerName, context);
            }
        }

        return names;
    }
}
