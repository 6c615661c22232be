namespace Outrider.Filters.Testing;

/// <summary>The end of a message's way: what leaves the filters is gathered, and held to what its head says of its length. On the host's loop.</summary>
internal abstract class MessageEnd(StreamRun run) : IMessageStep
{
    private readonly List<byte[]> _pieces = [];
    private bool _cameWithBody, _hasHead;
    private long _passed;

    internal bool IsClosed { get; set; }

    /// <summary>Has a filter had the message whole, so that its length follows its body?</summary>
    internal bool IsCollected { get; private set; }

    /// <summary>Has a body left the filters?</summary>
    internal IReadOnlyList<byte[]> Pieces => _pieces;

    internal bool HasTrailers { get; private set; }

    private protected StreamRun Run => run;

    private protected abstract TestFields Fields { get; }

    private protected abstract ResponseContent Content { get; }

    public void OnHead(bool endStream)
    {
        if (IsClosed || !EnterHead())
        {
            return;
        }

        _hasHead = true;
        if (!IsCollected)
        {
            OnHeadGone();
        }

        if (endStream)
        {
            Finish(isHeadAlone: true);
        }
    }

    public void OnData(byte[] bytes, bool endStream)
    {
        if (IsClosed)
        {
            return;
        }

        if (Content.IsAllowed && bytes.Length > 0)
        {
            _passed += bytes.Length;
            if (!IsCollected && Fields.Length is >= 0 and var announced && _passed > announced)
            {
                FailLength(announced, "more");
                return;
            }

            _pieces.Add(bytes);
        }

        if (endStream)
        {
            Finish(isHeadAlone: false);
        }
    }

    public void OnTrailers()
    {
        if (!IsClosed)
        {
            HasTrailers = Content.IsAllowed;
            Finish(isHeadAlone: false);
        }
    }

    internal void OnCollected(bool cameWithBody)
    {
        IsCollected = true;
        _cameWithBody |= cameWithBody;
    }

    /// <summary>The head is here: what is between the last filter and the end. False: it goes no further.</summary>
    private protected virtual bool EnterHead() => true;

    /// <summary>The head has gone out.</summary>
    private protected abstract void OnHeadGone();

    /// <summary>The message is here.</summary>
    private protected abstract void OnFinished();

    private void Finish(bool isHeadAlone)
    {
        if (!_hasHead)
        {
            return;
        }

        long announced = Fields.Length;
        if (IsCollected)
        {
            long length = HasTrailers ? -1 : Content.AnnounceWhole(announced, Fields.LengthIsGiven, _cameWithBody, (int)_passed);
            Fields.Length = length == 0 && announced < 0 && NoneMeansNothing ? -1 : length;
            OnHeadGone();
        }
        else if (isHeadAlone)
        {
            if (announced >= 0)
            {
                Fields.Length = Content.Announce(announced, endStream: true);
            }
        }
        else if (Content.IsAllowed && announced > _passed)
        {
            FailLength(announced, "fewer");
            return;
        }

        IsClosed = true;
        OnFinished();
    }

    private void FailLength(long announced, string than) => run.Fail(
        run.NamesWith(IsOfResponse ? StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData : StreamFilterMethods.DecodeHeaders | StreamFilterMethods.DecodeData),
        new InvalidOperationException($"content-length says {announced} bytes, a filter made them {than}; remove the header in the headers method"));

    private protected abstract bool IsOfResponse { get; }

    // A request without a body has no length; a response says 0.
    private bool NoneMeansNothing => !IsOfResponse;
}
