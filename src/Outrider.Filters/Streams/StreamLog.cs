namespace Outrider.Filters;

/// <summary>The log of one stream. Lines below the configured level cost a comparison; guard costly messages with <see cref="IsEnabled"/>.</summary>
public abstract class StreamLog
{
    /// <summary>Would a line of this level be written?</summary>
    public abstract bool IsEnabled(StreamLogLevel level);

    /// <summary>Writes one line. Any thread. Never throws.</summary>
    public abstract void Write(StreamLogLevel level, string message);

    /// <summary>Writes a line of level debug.</summary>
    public void Debug(string message) => WriteIfEnabled(StreamLogLevel.Debug, message);

    /// <summary>Writes a line of level info.</summary>
    public void Info(string message) => WriteIfEnabled(StreamLogLevel.Info, message);

    /// <summary>Writes a line of level warn.</summary>
    public void Warn(string message) => WriteIfEnabled(StreamLogLevel.Warn, message);

    /// <summary>Writes a line of level error.</summary>
    public void Error(string message) => WriteIfEnabled(StreamLogLevel.Error, message);

    private void WriteIfEnabled(StreamLogLevel level, string message)
    {
        if (IsEnabled(level))
        {
            Write(level, message);
        }
    }
}
