namespace Outrider.Http.V1.Parsing;

/// <summary>How far a parser has come.</summary>
public enum ParseStatus : byte
{
    /// <summary>Everything that was given is used up; more is needed.</summary>
    NeedMore,

    /// <summary>The part is complete.</summary>
    Done,

    /// <summary>The peer does not speak HTTP as it should; see the parser's error.</summary>
    Error,
}
