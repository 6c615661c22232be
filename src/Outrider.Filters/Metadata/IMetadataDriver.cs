namespace Outrider.Filters;

/// <summary>
/// Makes a label of a request, for the stream filter <c>metadata</c>: a unit, a data centre, a version. Each use in a configuration has
/// an object of its own, which all streams on all loops share: what it is told it reads when it is made, and keeps nothing of a request.
/// </summary>
public interface IMetadataDriver
{
    /// <summary>Does the driver look at bodies or trailers? Then the filter waits for the whole request. Default: no.</summary>
    bool NeedsBody => false;

    /// <summary>The label of a request. Any loop, several at a time; it must not block. What it throws counts as <see cref="MetadataLabel.Failed"/>.</summary>
    /// <param name="headers">The request's headers, for the length of the call.</param>
    /// <param name="body">The whole body, for the length of the call; null when there is none, or the driver does not need it.</param>
    /// <param name="trailers">The trailers, for the length of the call; null as the body.</param>
    MetadataLabel BuildMetadata(RequestHeaders headers, BodyBuffer? body, HeaderMap? trailers);
}
