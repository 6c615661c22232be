namespace Outrider.Filters.Testing;

/// <summary>What a message comes to on its way: a filter, or the end of the way. On the host's loop.</summary>
internal interface IMessageStep
{
    /// <summary>The head, which is the stream's.</summary>
    void OnHead(bool endStream);

    /// <summary>A piece of the body.</summary>
    void OnData(byte[] bytes, bool endStream);

    /// <summary>The trailers, which are the stream's.</summary>
    void OnTrailers();
}
