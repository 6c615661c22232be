namespace Outrider.Http.V1.Parsing;

/// <summary>What a <see cref="BodyReader"/> found next.</summary>
internal enum BodyStep : byte
{
    /// <summary>Everything that was given is used up; more is needed.</summary>
    NeedMore,

    /// <summary>A piece of the body, with more to come or not.</summary>
    Piece,

    /// <summary>A piece of the body that ends it and the message.</summary>
    LastPiece,

    /// <summary>The last chunk was read: <see cref="BodyReader.BeginTrailers"/>, and go on.</summary>
    LastChunk,

    /// <summary>The trailers are complete, and with them the message.</summary>
    TrailersEnd,

    /// <summary>The peer does not speak HTTP as it should; see <see cref="BodyReader.Error"/>.</summary>
    Error,
}
