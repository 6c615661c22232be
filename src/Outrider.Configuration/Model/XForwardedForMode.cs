namespace Outrider.Configuration.Model;

/// <summary>What happens to a field that tells of the client.</summary>
internal enum XForwardedForMode
{
    /// <summary>Ours joins the list that the client sent; of a field that is no list the client's stays.</summary>
    Append,

    /// <summary>Ours is all that upstream sees: for a proxy that faces the Internet.</summary>
    Replace,

    /// <summary>It passes as the client sent it.</summary>
    Off,
}
