namespace Outrider.Upstream;

/// <summary>
/// What a host has shown of itself where nothing is agreed on before (protocol <c>Auto</c> without TLS): one that has not answered HTTP/2 is spoken
/// to in HTTP/1 for a while, and then asked again, since hosts are replaced. A part of the pool.
/// </summary>
internal struct ClearTextVersion
{
    /// <summary>Milliseconds for which what a host said counts.</summary>
    internal const int CertainTime = 60_000;

    /// <summary>Milliseconds for which it counts that a host was silent, or closed: that may have had another cause.</summary>
    internal const int UncertainTime = 5000;

    private long _http1Until;

    /// <summary>Is it to be spoken to in HTTP/1, whatever the client speaks?</summary>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    internal readonly bool IsHttp1(long now) => now < _http1Until;

    /// <summary>It was spoken to in HTTP/2 and has not begun to speak it.</summary>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    /// <param name="isCertain">It has said something else.</param>
    internal void OnNotHttp2(long now, bool isCertain) => _http1Until = Math.Max(_http1Until, now + (isCertain ? CertainTime : UncertainTime));
}
