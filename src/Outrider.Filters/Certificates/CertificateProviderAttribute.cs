namespace Outrider.Filters;

/// <summary>
/// Registers an <see cref="ICertificateProvider"/> under the name that a <c>tls_context</c> uses (<c>"type": "vault"</c>). The
/// class is public and has one public constructor, whose one parameter is the <see cref="CertificateProviderContext"/>.
/// </summary>
/// <param name="name">The name; compared exactly.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class CertificateProviderAttribute(string name) : Attribute
{
    /// <summary>The name that configurations use.</summary>
    public string Name { get; } = name;
}
