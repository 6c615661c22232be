using Outrider.Filters;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// What has come of a request's body and is kept: until there is a connection, and for a second try as long as it is little.
/// A part of its exchange; the memory is borrowed when the first of it comes.
/// </summary>
internal struct KeptBody
{
    private BodyHold? _bytes;
    private int _most;

    /// <summary>Is all of the body so far here, so that the request can be sent again?</summary>
    internal bool IsWhole { get; private set; }

    internal readonly bool IsEmpty => _bytes is not { IsEmpty: false };

    internal readonly int Length => _bytes is null ? 0 : _bytes.Length;

    internal readonly ReadOnlySpan<byte> Span => _bytes is null ? default : _bytes.Span;

    /// <summary>The request begins: nothing of its body has come.</summary>
    /// <param name="most">How much is kept for another try.</param>
    internal void Begin(int most)
    {
        _most = most;
        IsWhole = true;
    }

    /// <summary>Keeps what cannot be sent yet, however much it is.</summary>
    internal void Add(ReadOnlySpan<byte> data) => (_bytes ??= new()).Append(data);

    /// <summary>Keeps what is being sent, or lets go of all where that would be too much.</summary>
    internal void AddSent(ReadOnlySpan<byte> data)
    {
        if (!IsWhole)
        {
            return;
        }

        if (Length + data.Length <= _most)
        {
            Add(data);
        }
        else
        {
            Drop();
        }
    }

    /// <summary>All that is kept has been sent, and more will be: lets go of it where it is too much already.</summary>
    internal void DropIfLarge()
    {
        if (Length > _most)
        {
            Drop();
        }
    }

    /// <summary>The request will not be sent again.</summary>
    internal void Drop()
    {
        IsWhole = false;
        Release();
    }

    /// <summary>Gives the memory back.</summary>
    internal readonly void Release() => _bytes?.Release();

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset() => IsWhole = false;
}
