using Outrider.Envoy.Bodies;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// What leaves the filter of one message: a head that says what holds of the body, and no body where none may be. Envoy writes what it is
/// given, and what it is given too much the other side would read as another message.
/// </summary>
internal struct MessageFraming(MessageSide side)
{
    private AnnouncedLength _length = new();

    /// <summary>Was the message over with its head, as it came?</summary>
    internal bool IsHeadOnly { get; private set; }

    /// <summary>Has the filter made a message of it that has no body, so that what comes of one is dropped?</summary>
    internal bool DropsBody { get; private set; }

    /// <summary>Has the filter changed the body or the length, so that the two may differ?</summary>
    internal bool IsWatched => _length.IsWatched;

    /// <summary>What to say of a length that is not kept.</summary>
    internal InvalidOperationException Failure => _length.Failure;

    /// <summary>A head has come.</summary>
    internal void OnHead(bool endStream) => IsHeadOnly = endStream;

    /// <summary>The head goes on before the body.</summary>
    internal void PassHead()
    {
        if (side.IsAsItCame && (IsHeadOnly || side.MayCarryBody))
        {
            // It says what holds already.
            return;
        }

        PassChangedHead();
    }

    private void PassChangedHead()
    {
        var content = side.Content;
        DropsBody = !content.IsAllowed;
        if (IsHeadOnly || DropsBody)
        {
            if (side.IsResponse || side.LengthIsGiven)
            {
                long announced = AnnouncedLength.Read(side.Head);
                Announce(announced, content.Announce(announced, IsHeadOnly));
            }
        }
        else if (side.LengthIsGiven)
        {
            _length.Watch();
        }
    }

    /// <summary>Head and body go on together.</summary>
    internal void PassWhole(EnvoyBody whole)
    {
        var content = side.Content;
        DropsBody = !content.IsAllowed;
        int length = whole.Length;
        if (whole.Modified || side.LengthIsGiven || IsHeadOnly || DropsBody)
        {
            long announced = AnnouncedLength.Read(side.Head);
            Announce(announced, content.AnnounceWhole(announced, side.LengthIsGiven, !IsHeadOnly, length));
        }

        if (whole.IsHeld)
        {
            whole.HandOver(drop: DropsBody);
        }
        else if (DropsBody)
        {
            whole.Drain(length);
        }
    }

    /// <summary>A piece of the body goes on. False: it, or the end, is not what the head has announced.</summary>
    internal bool Pass(int length, bool modified, bool atEnd)
    {
        _length.OnPassed(length, modified);
        return IsKept(atEnd);
    }

    /// <summary>Does what has gone on agree with what the head has announced?</summary>
    internal bool IsKept(bool atEnd) => _length.IsKept(side.Head, atEnd);

    /// <summary>Makes ready for another message.</summary>
    internal void Reset()
    {
        _length = new();
        IsHeadOnly = DropsBody = false;
    }

    private void Announce(long announced, long length)
    {
        if (length < 0 && DropsBody && !IsHeadOnly && side.NeedsLength)
        {
            length = 0;
        }

        // A body whose length was not announced goes in chunks.
        if (length != announced && (announced >= 0 || DropsBody))
        {
            AnnouncedLength.Write(side.Head, length);
        }
    }
}
