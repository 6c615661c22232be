namespace Outrider.Proxy.Configuration.Model;

/// <summary>What happens to <c>X-Forwarded-For</c>.</summary>
internal enum XForwardedForMode
{
    /// <summary>The client's address joins the list that the client sent.</summary>
    Append,

    /// <summary>The client's address is all that upstream sees: for a proxy that faces the Internet.</summary>
    Replace,

    /// <summary>It passes as the client sent it.</summary>
    Off,
}
