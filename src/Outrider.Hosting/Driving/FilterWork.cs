namespace Outrider.Hosting.Driving;

/// <summary>What a filter is called with.</summary>
internal enum FilterWork : byte
{
    /// <summary>The head of the message.</summary>
    Headers,

    /// <summary>A piece of its body.</summary>
    Data,

    /// <summary>Its trailers.</summary>
    Trailers,

    /// <summary>All of it, after a headers method that asked for that.</summary>
    Whole,
}
