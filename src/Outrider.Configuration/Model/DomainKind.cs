namespace Outrider.Configuration.Model;

/// <summary>How a domain is matched.</summary>
internal enum DomainKind
{
    /// <summary><c>www.example.com</c>.</summary>
    Exact,

    /// <summary><c>*.example.com</c>.</summary>
    Wildcard,

    /// <summary><c>*</c>: what no other domain matches.</summary>
    Default,
}
