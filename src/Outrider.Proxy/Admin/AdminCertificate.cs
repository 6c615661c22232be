namespace Outrider.Proxy.Admin;

/// <summary>A certificate in force, as the admin API shows it.</summary>
/// <param name="Where">What shows it: <c>listener 'edge'</c>.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Issuer">Its issuer.</param>
/// <param name="Names">The DNS names that it is chosen by.</param>
/// <param name="NotBefore">When it becomes valid.</param>
/// <param name="NotAfter">When it expires.</param>
/// <param name="Fingerprint">SHA-256 of its DER, in lower-case hexadecimal digits.</param>
internal sealed record AdminCertificate(
    string Where, string Subject, string Issuer, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Fingerprint);
