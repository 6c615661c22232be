namespace Outrider.Filters.Testing;

/// <summary>Where a response ends: at the client.</summary>
internal sealed class ClientEnd(StreamRun run) : MessageEnd(run)
{
    private protected override TestFields Fields => Run.Response.Headers!.Fields;

    private protected override ResponseContent Content => ResponseContent.Of(Run.Response.Headers!.Status, Run.AnswersHead);

    private protected override bool IsOfResponse => true;

    /// <summary>What has come so far, as the client has it.</summary>
    internal TestResponse Gather()
    {
        var response = new TestResponse(Run.Response.Headers!.Status) { IsChunked = Pieces.Count > 0 && Fields.Length < 0 };
        foreach (var (name, value) in Fields.Copy())
        {
            _ = response.With(name, value);
        }

        foreach (byte[] piece in Pieces)
        {
            _ = response.WithBytes(piece);
        }

        if (HasTrailers)
        {
            foreach (var (name, value) in Run.Response.Trailers!.Copy())
            {
                _ = response.WithTrailer(name, value);
            }
        }

        return response;
    }

    private protected override void OnHeadGone() => Run.Response.IsHeadSent = true;

    private protected override void OnFinished() => Run.OnResponded();
}
