namespace Outrider.Filters;

/// <summary>What an <see cref="IMetadataDriver"/> says of a request: a label, none, or why it cannot tell.</summary>
public readonly record struct MetadataLabel
{
    private MetadataLabel(string? text, string? error)
    {
        Text = text;
        Error = error;
    }

    /// <summary>The request has no label, and that is as it should be.</summary>
    public static MetadataLabel None => default;

    /// <summary>The label; null when there is none.</summary>
    public string? Text { get; }

    /// <summary>Why the driver cannot tell; null when it can.</summary>
    public string? Error { get; }

    /// <summary>A label. The empty text is <see cref="None"/>.</summary>
    public static MetadataLabel Of(string text) => new(string.IsNullOrEmpty(text) ? null : text, null);

    /// <summary>The driver cannot tell: the request goes on without a label, with a line in the log and a count.</summary>
    /// <param name="why">For the log; one line.</param>
    public static MetadataLabel Failed(string why) => new(null, why);
}
