namespace Outrider.Proxy.Logging;

/// <summary>
/// How a log writes what somebody else chose: what would end the line, move a terminal's cursor or turn the direction of its
/// text, and what is not UTF-8, never goes out as it is.
/// </summary>
internal enum LogEscaping
{
    /// <summary>In error logs: controls, line and paragraph separators, format characters and bytes that are not UTF-8 as <c>\xNN</c>, byte by byte.</summary>
    Controls,

    /// <summary>In access logs: as <see cref="Controls"/>, and <c>"</c> and <c>\</c> have a backslash before them, so that no value ends the quotes that a format puts around it.</summary>
    Quotes,

    /// <summary>Within a string of JSON: as <see cref="Quotes"/>, but <c>\uNNNN</c>; a byte that is not UTF-8 is taken as Latin-1.</summary>
    Json,

    /// <summary>As it is: for what is not a log.</summary>
    None,
}
