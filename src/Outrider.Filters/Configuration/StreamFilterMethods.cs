using System.Diagnostics.CodeAnalysis;

namespace Outrider.Filters;

/// <summary>Which methods a filter overrides. A chain copies no body for a filter that does not look at bodies.</summary>
[Flags]
public enum StreamFilterMethods
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><see cref="StreamFilter.DecodeHeadersAsync"/>.</summary>
    DecodeHeaders = 1,

    /// <summary><see cref="StreamFilter.DecodeDataAsync"/>.</summary>
    DecodeData = 2,

    /// <summary><see cref="StreamFilter.DecodeTrailersAsync(HeaderMap)"/>.</summary>
    DecodeTrailers = 4,

    /// <summary><see cref="StreamFilter.EncodeHeadersAsync"/>.</summary>
    EncodeHeaders = 8,

    /// <summary><see cref="StreamFilter.EncodeDataAsync"/>.</summary>
    EncodeData = 16,

    /// <summary><see cref="StreamFilter.EncodeTrailersAsync(HeaderMap)"/>.</summary>
    EncodeTrailers = 32,

    /// <summary><see cref="StreamFilter.OnLog"/>.</summary>
    OnLog = 64,

    /// <summary><see cref="StreamFilter.OnLocalReply"/>.</summary>
    OnLocalReply = 128,

    /// <summary><see cref="StreamFilter.OnResponseBlocked"/>, <see cref="StreamFilter.OnResponseUnblocked"/>.</summary>
    OnFlow = 256,
}
