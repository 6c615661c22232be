using System.Net.Security;
using System.Security.Authentication;
using Outrider.Net;

namespace Outrider.Proxy.Tls;

/// <summary>
/// A listener's contexts, chosen by the name that a client asks for: the context that has the very name, else the one with
/// the closest wildcard, else the first. Any thread.
/// </summary>
internal sealed class TlsAcceptor : ITlsAcceptor, IDisposable
{
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

    /// <summary>The context for that name; empty for a client that asks for none.</summary>
    internal TlsContext Find(string serverName)
    {
        var names = _byName;
        if (_contexts.Length == 1 || serverName.Length == 0)
        {
            return _contexts[0];
        }

        serverName = serverName.TrimEnd('.');
        if (names.TryGetValue(serverName, out var context))
        {
            return context;
        }

        // As MOSN: *.example.com answers for a.b.example.com too, where nothing closer does.
        for (int dot = serverName.IndexOf('.'); dot >= 0; dot = serverName.IndexOf('.', dot + 1))
        {
            if (names.TryGetValue("*" + serverName[dot..], out context))
            {
                return context;
            }
        }

        return _contexts[0];
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
