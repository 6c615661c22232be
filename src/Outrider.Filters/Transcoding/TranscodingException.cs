namespace Outrider.Filters;

/// <summary>A message cannot be rewritten: it is not what the <see cref="ITranscoder"/> understands.</summary>
public sealed class TranscodingException : Exception
{
    /// <summary>Says what is wrong with the message; the log has it, the client has not.</summary>
    public TranscodingException(string message) : base(message)
    {
    }

    /// <summary>Says what is wrong with the message; the log has it, the client has not.</summary>
    public TranscodingException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Something is wrong with the message.</summary>
    public TranscodingException() : this("the message cannot be transcoded")
    {
    }
}
