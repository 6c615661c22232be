using Outrider.Filters;

namespace Outrider.Samples.GateListenerFilter;

/// <summary>Lets only those connections in that begin with the configured word.</summary>
/// <param name="config">The word.</param>
[ListenerFilter("gate")]
public sealed class GateFilter(GateConfig config) : IListenerFilter
{
    /// <inheritdoc/>
    public int MaxBytes => 256;

    /// <inheritdoc/>
    public ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll)
    {
        ReadOnlySpan<byte> word = config.Bytes;
        int known = Math.Min(received.Length, word.Length);
        if (!received[..known].SequenceEqual(word[..known]))
        {
            return ListenerFilterResult.Close("it does not begin with the word");
        }

        return known < word.Length ? ListenerFilterResult.NeedMore : ListenerFilterResult.Consume(word.Length);
    }
}
