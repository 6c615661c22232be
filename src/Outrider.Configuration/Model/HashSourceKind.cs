namespace Outrider.Configuration.Model;

/// <summary>What a <see cref="HashSource"/> looks at.</summary>
internal enum HashSourceKind
{
    /// <summary><c>header</c>: a header's value, all its lines.</summary>
    Header,

    /// <summary><c>cookie</c>: a cookie's value.</summary>
    Cookie,

    /// <summary><c>source_ip</c>: the client's address, without its port.</summary>
    SourceAddress,

    /// <summary><c>path</c>: the path, without its query.</summary>
    Path,

    /// <summary><c>query_parameter</c>: the value of a parameter of the query, as it is written.</summary>
    QueryParameter,
}
