using Outrider.Hosting.Driving;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>
/// What leaves this filter: a head that says what holds of the body, and no body where none may be. Envoy writes what it is
/// given, and what it is given too much the other side would read as another message.
/// </summary>
internal abstract partial class MessagePath
{
    /// <summary>The head goes on before the body.</summary>
    private void PassHead()
    {
        if (IsResponse && Stream.Configuration.IsResponseEndUnseen)
        {
            // The host sees to the body, which does not come by here.
            return;
        }

        var content = Content;
        _dropsBody = !content.IsAllowed;
        if (_headOnly || _dropsBody)
        {
            if (IsResponse || _lengthGiven)
            {
                long announced = AnnouncedLength.Read(Headers);
                Announce(announced, content.Announce(announced, _headOnly));
            }
        }
        else if (_lengthGiven)
        {
            _length.Watch();
        }
    }

    /// <summary>Head and body go on together.</summary>
    private void PassWhole()
    {
        var content = Content;
        _dropsBody = !content.IsAllowed;
        int length = _whole.Length;
        if (_whole.Modified || _lengthGiven || _headOnly || _dropsBody)
        {
            long announced = AnnouncedLength.Read(Headers);
            Announce(announced, content.AnnounceWhole(announced, _lengthGiven, !_headOnly, length));
        }

        if (_whole.IsHeld)
        {
            _whole.HandOver(drop: _dropsBody);
        }
        else if (_dropsBody)
        {
            _whole.Drain(length);
        }
    }

    /// <summary>A piece of the body goes on that the filter does not want to see.</summary>
    private DataStatus PassUnseen(bool endStream)
    {
        if (_dropsBody)
        {
            _piece.DrainReceived();
        }
        else if (_length.IsWatched)
        {
            _length.OnPassed(_piece.ReceivedLength, modified: false);
            if (!LengthIsKept(endStream))
            {
                return DataStatus.StopIterationNoBuffer;
            }
        }

        return DataStatus.Continue;
    }

    /// <summary>What has arrived while the filter was at work on the head, and which it does not want to see. False: the stream has failed.</summary>
    private bool CountArrived()
    {
        if (_driver.Work != FilterWork.Headers || _headOnly || !_length.IsWatched || Overrides(FilterWork.Data))
        {
            return true;
        }

        _length.OnPassed(_piece.BufferedLength, modified: false);
        return LengthIsKept(_ended);
    }

    private void Announce(long announced, long length)
    {
        if (length < 0 && _dropsBody && !_headOnly && NeedsLength)
        {
            length = 0;
        }

        // A body whose length was not announced goes in chunks.
        if (length != announced && (announced >= 0 || _dropsBody))
        {
            AnnouncedLength.Write(Headers, length);
        }
    }
}
