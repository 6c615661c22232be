namespace Outrider.Proxy.Configuration.Model;

/// <summary>What a <see cref="HashSource"/> looks at.</summary>
internal enum HashSourceKind
{
    /// <summary><c>header</c>: a header's value, all its lines.</summary>
    Header,

    /// <summary><c>cookie</c>: a cookie's value.</summary>
    Cookie,

    /// <summary><c>source_ip</c>: the client's address, without its port.</summary>
    SourceAddress,
}
