namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>What a line of an access log is made from: a stream that has ended. Only on the stream's loop.</summary>
internal interface IAccessLogSource
{
    /// <summary>
    /// Writes the value of one variable, without allocating. Use <see cref="Utf8Writer.Write(ReadOnlySpan{byte})"/> and
    /// <see cref="Utf8Writer.WriteText"/> for whatever a peer or the configuration chose: they escape.
    /// </summary>
    /// <param name="variable">What to write.</param>
    /// <param name="argument">The name of the header, cookie, parameter or user variable; lives as long as the format.</param>
    /// <param name="writer">Where to. What was written is taken back when the method returns false.</param>
    /// <returns>False when there is no such value; the line then shows a dash.</returns>
    bool TryWrite(AccessLogVariable variable, ReadOnlySpan<byte> argument, ref Utf8Writer writer);
}
