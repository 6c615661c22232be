using System.Runtime.CompilerServices;

namespace Outrider.Net.Loops;

/// <summary>
/// One object for each loop that a layer above keeps there, of which the loop knows nothing: what its connections take turns with. As a thread's own field, but
/// two loads away from whoever has the loop at hand. Make few, and keep them for as long as the process runs: a place is never used again.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
public sealed class LoopLocal<T>
    where T : class
{
    private readonly int _place = LoopLocals.Take();

    /// <summary>What the loop keeps, or null. On the loop.</summary>
    public T? Get(EventLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        var kept = loop.Locals;
        // Nothing else is ever put in this place.
        return (uint)_place < (uint)kept.Length ? Unsafe.As<T?>(kept[_place]) : null;
    }

    /// <summary>Lets the loop keep another. On the loop.</summary>
    public void Set(EventLoop loop, T? value)
    {
        ArgumentNullException.ThrowIfNull(loop);
        if (_place >= loop.Locals.Length)
        {
            var grown = new object?[_place + 1];
            loop.Locals.CopyTo(grown, 0);
            loop.Locals = grown;
        }

        loop.Locals[_place] = value;
    }
}
