namespace Outrider.Proxy.Streams.Records;

/// <summary>What is disposed of when a stream has no filters any more. A list is made for streams that keep something. On the loop.</summary>
internal sealed class KeptResources
{
    private List<IDisposable>? _kept;

    /// <summary>Keeps one until the stream's end.</summary>
    internal void Add(IDisposable resource) => (_kept ??= []).Add(resource);

    /// <summary>The stream has no filters any more.</summary>
    internal void Release()
    {
        if (_kept is not { Count: > 0 })
        {
            return;
        }

        foreach (var resource in _kept)
        {
            resource.Dispose();
        }

        _kept.Clear();
    }
}
