namespace Outrider.Filters;

/// <summary>A <see cref="Callout"/> had no answer: no such cluster, no host, a connection that failed, or too long a wait.</summary>
public sealed class CalloutException : IOException
{
    /// <summary>Says what went wrong and with which cluster.</summary>
    public CalloutException(string message) : base(message)
    {
    }

    /// <summary>Says what went wrong and with which cluster.</summary>
    public CalloutException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Something went wrong.</summary>
    public CalloutException() : this("a callout had no answer")
    {
    }
}
