using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Proxy.Entries;

/// <summary>What an extension makes something from: its code and what a configuration says. Immutable.</summary>
internal sealed class EntryOrigin
{
    private readonly object _maker;
    private readonly RegisteredParts _parts;
    private readonly string _place, _folder;
    private readonly byte[] _json;

    /// <param name="maker">The code: by which object it is called; another version of it has another.</param>
    /// <param name="parts">What the code finds by name.</param>
    /// <param name="place">Which of all places in the configuration it stands in; entries of one place may change their order.</param>
    /// <param name="folder">Where relative paths begin.</param>
    /// <param name="json">The entry. It is copied: otherwise one entry that stays would keep its whole file.</param>
    internal EntryOrigin(object maker, RegisteredParts parts, string place, string folder, ReadOnlyMemory<byte> json)
    {
        _maker = maker;
        _parts = parts;
        _place = place;
        _folder = folder;
        _json = json.ToArray();
    }

    /// <summary>Would the same code be called with the same?</summary>
    internal bool IsSame(EntryOrigin other)
        => _maker.Equals(other._maker) && _parts.Equals(other._parts) && _place == other._place && _folder == other._folder && SaysSame(_json, other._json);

    /// <summary>Does it stand in the same place?</summary>
    internal bool IsInPlaceOf(EntryOrigin other) => _place == other._place;

    // Token by token, so that only white space may be another: the order of members is part of what some filters do.
    private static bool SaysSame(byte[] one, byte[] other)
    {
        if (one.AsSpan().SequenceEqual(other))
        {
            return true;
        }

        try
        {
            var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 1000 };
            var left = new Utf8JsonReader(one, options);
            var right = new Utf8JsonReader(other, options);
            while (left.Read())
            {
                if (!right.Read() || left.TokenType != right.TokenType || !left.ValueSpan.SequenceEqual(right.ValueSpan))
                {
                    return false;
                }
            }

            return !right.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
