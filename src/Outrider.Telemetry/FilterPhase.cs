namespace Outrider.Telemetry;

/// <summary>The methods of a filter whose costs are counted, request and response.</summary>
internal enum FilterPhase
{
    /// <summary>The head of a request.</summary>
    DecodeHeaders,

    /// <summary>A piece of its body.</summary>
    DecodeData,

    /// <summary>Its trailers.</summary>
    DecodeTrailers,

    /// <summary>All of it.</summary>
    DecodeRequest,

    /// <summary>The head of a response.</summary>
    EncodeHeaders,

    /// <summary>A piece of its body.</summary>
    EncodeData,

    /// <summary>Its trailers.</summary>
    EncodeTrailers,

    /// <summary>All of it.</summary>
    EncodeResponse,
}
