using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http;

/// <summary>Notes what a client connection tells of a response.</summary>
internal sealed class NotedExchange : IResponseReceiver
{
    private readonly TaskCompletionSource<string> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _told = new();

    public ResponseHead ResponseHead { get; } = new();

    public HeaderBlock ResponseTrailers { get; } = new();

    /// <summary>Everything in order, once it is over: <c>200 a=b; body; trailers a=b</c>.</summary>
    internal Task<string> Told => _done.Task.WaitAsync(Eventually.Patience);

    /// <summary>As <see cref="Told"/>, without the body, whether it is over or not. Not while the loop may tell more.</summary>
    internal string ToldSoFar => _told.ToString();

    internal long BodyLength { get; private set; }

    internal byte[] Body { get; private set; } = [];

    /// <summary>Are the body's bytes kept, or only counted?</summary>
    internal bool KeepsBody { get; init; } = true;

    internal UpstreamFailure Failure { get; private set; }

    public void OnInformational() => _told.Append(ResponseHead.Status).Append("; ");

    public void OnResponseHead(bool endStream)
    {
        _told.Append(ResponseHead.Status).Append(Fields(ResponseHead.Fields));
        EndIf(endStream);
    }

    public void OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        BodyLength += data.Length;
        if (KeepsBody)
        {
            Body = [.. Body, .. data];
        }

        EndIf(endStream);
    }

    public void OnResponseTrailers()
    {
        _told.Append("; trailers").Append(Fields(ResponseTrailers));
        EndIf(true);
    }

    public void OnUpstreamReset(UpstreamFailure failure)
    {
        Failure = failure;
        _done.SetResult($"{failure.Reason} {(Outrider.Http.V2.Http2Error)failure.Code} unsent={failure.NothingSent}");
    }

    public void OnRequestBlocked()
    {
    }

    public void OnRequestProgress()
    {
    }

    public void OnRequestWritten()
    {
    }

    private static string Fields(HeaderBlock fields)
        => string.Concat(Enumerable.Range(0, fields.Count).Select(i => $" {Encoding.Latin1.GetString(fields.NameAt(i))}={Encoding.Latin1.GetString(fields.ValueAt(i))}"));

    private void EndIf(bool end)
    {
        if (end)
        {
            _done.SetResult(_told + (BodyLength > 0 && KeepsBody ? "; " + Encoding.Latin1.GetString(Body) : ""));
        }
    }
}
