using System.Text;

namespace Outrider.Filters.Testing;

/// <summary>Where a request ends: behind the last filter its cluster is asked.</summary>
internal sealed class UpstreamEnd(StreamRun run) : MessageEnd(run)
{
    private protected override TestFields Fields => Run.RequestHeaders.Fields;

    // A request may have a body whatever its method (RFC 9110 §9.3.1).
    private protected override ResponseContent Content => ResponseContent.Of(200, isHead: false);

    private protected override bool IsOfResponse => false;

    private protected override bool EnterHead() => Run.ChooseHost();

    private protected override void OnHeadGone() => Run.Request.IsHeadGone = true;

    private protected override void OnFinished()
    {
        var head = Run.RequestHeaders;
        var request = new TestRequest(head.MethodString, head.PathString)
        {
            Authority = head.AuthorityString,
            Scheme = Encoding.Latin1.GetString(head.Scheme),
            IsChunked = Pieces.Count > 0 && Fields.Length < 0,
        };
        foreach (var (name, value) in Fields.Copy())
        {
            _ = request.With(name, value);
        }

        foreach (byte[] piece in Pieces)
        {
            _ = request.WithBytes(piece);
        }

        if (HasTrailers)
        {
            foreach (var (name, value) in Run.RequestTrailers!.Copy())
            {
                _ = request.WithTrailer(name, value);
            }
        }

        Run.Ask(request);
    }
}
