using System.Text;
using Outrider.Filters;

namespace Outrider.Tests.StockFilters;

/// <summary>A request's query becomes a document, and the answer's document text: what an old service behind a new face wants.</summary>
[Transcoder("form")]
public sealed class FormTranscoder(FormTranscoder.Settings settings) : ITranscoder
{
    private string _asked = "";

    /// <inheritdoc/>
    public bool Accepts(StreamContext stream, RequestHeaders headers) => headers.Method.SequenceEqual("POST"u8);

    /// <inheritdoc/>
    public async ValueTask TranscodeRequestAsync(StreamContext stream, RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        await Task.Yield();
        string text = body.ToString();
        if (!text.Contains('='))
        {
            throw new TranscodingException("no field");
        }

        _asked = text.Split('=')[0];
        headers.Set("content-type", "application/xml");
        headers.Path = Encoding.ASCII.GetBytes(settings.Path);
        body.Replace($"<{_asked}>{text.Split('=')[1]}</{_asked}>");
    }

    /// <inheritdoc/>
    public ValueTask TranscodeResponseAsync(StreamContext stream, ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        if (body.IsEmpty)
        {
            throw new TranscodingException("no document");
        }

        headers.Set("x-asked", _asked);
        body.Replace("text of " + body.Length);
        return ValueTask.CompletedTask;
    }

    /// <summary>What it is told.</summary>
    public sealed class Settings
    {
        /// <summary>Where requests go.</summary>
        public string Path { get; set; } = "/service";
    }
}

/// <summary>As MOSN names one that is chosen by protocols.</summary>
[Transcoder("Http1_old")]
public sealed class OldTranscoder : ITranscoder
{
    /// <inheritdoc/>
    public ValueTask TranscodeRequestAsync(StreamContext stream, RequestHeaders headers, BodyBuffer body, HeaderMap? trailers)
    {
        headers.Set("x-old", "1");
        body.Append("!"u8);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask TranscodeResponseAsync(StreamContext stream, ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers) => ValueTask.CompletedTask;
}
