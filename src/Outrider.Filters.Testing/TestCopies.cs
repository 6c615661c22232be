namespace Outrider.Filters.Testing;

/// <summary>Copies of a request whose answers nobody wants: the cluster is asked when they have ended. On the host's loop.</summary>
internal sealed class TestCopies(TestCallout callout, int count) : CalloutCopies
{
    private readonly List<byte[]> _body = [callout.Body.ToArray()];
    private bool _isComplete;

    public override int Count => count;

    public override void Write(ReadOnlySpan<byte> bytes)
    {
        if (_isComplete)
        {
            throw new InvalidOperationException("the copies have ended");
        }

        _body.Add(bytes.ToArray());
    }

    public override void Complete()
    {
        if (_isComplete)
        {
            return;
        }

        _isComplete = true;
        for (int i = 0; i < count; i++)
        {
            callout.AskInVain(_body);
        }
    }
}
