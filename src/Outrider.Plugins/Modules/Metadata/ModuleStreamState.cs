using System.Globalization;
using System.Text;
using Outrider.Filters;
using Outrider.Proxy.Streams.Contexts;

namespace Outrider.Plugins.Modules.Metadata;

/// <summary>
/// What the modules of one stream have set and the stream's own metadata does not have: names, lists, messages, objects. Made when
/// the first of them sets something. Strings are kept as pinned bytes, for addresses of them are lent.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The objects are given to the stream, which disposes of them.")]
internal sealed class ModuleStreamState
{
    private const string Variable = "module.state";

    private readonly SortedDictionary<string, SortedDictionary<string, object>> _metadata = new(StringComparer.Ordinal);
    private Dictionary<string, TypedMetadata>? _typed;
    private StateObjects? _objects;

    /// <summary>The stream's; null when nothing was set.</summary>
    internal static ModuleStreamState? Of(StreamContext stream) => (ModuleStreamState?)stream.GetVariable(Variable);

    /// <summary>The stream's, made if need be.</summary>
    internal static ModuleStreamState For(StreamContext stream)
    {
        if (Of(stream) is { } state)
        {
            return state;
        }

        state = new ModuleStreamState();
        stream.SetVariable(Variable, state);
        return state;
    }

    /// <summary>The objects in the stream's filter state; null while there are none.</summary>
    internal StateObjects? Objects => _objects;

    /// <summary>The objects in a stream's filter state, which end with the stream.</summary>
    internal static StateObjects ObjectsFor(StreamContext stream, IStreamControl control)
    {
        var state = For(stream);
        if (state._objects is null)
        {
            state._objects = new StateObjects();
            control.Keep(state._objects);
        }

        return state._objects;
    }

    /// <summary>The message of a namespace; null when there is none.</summary>
    internal TypedMetadata? GetTyped(string ns) => _typed?.GetValueOrDefault(ns);

    internal void SetTyped(string ns, TypedMetadata message) => (_typed ??= new(StringComparer.Ordinal))[ns] = message;

    /// <summary>Bytes whose address may be lent for as long as they are kept.</summary>
    internal static byte[] Keep(ReadOnlySpan<byte> bytes)
    {
        byte[] kept = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(kept);
        return kept;
    }

    /// <summary>The names of the namespaces.</summary>
    internal IReadOnlyCollection<string> Namespaces => _metadata.Keys;

    /// <summary>The keys of a namespace.</summary>
    internal IReadOnlyCollection<string> Keys(string ns) => _metadata.TryGetValue(ns, out var keys) ? keys.Keys : [];

    /// <summary>A value: a <c>double</c>, a <c>bool</c>, a <c>byte[]</c> or a list of such; null when there is none.</summary>
    internal object? Get(string ns, string key) => _metadata.TryGetValue(ns, out var keys) ? keys.GetValueOrDefault(key) : null;

    internal void Set(string ns, string key, object value)
    {
        if (!_metadata.TryGetValue(ns, out var keys))
        {
            _metadata.Add(ns, keys = new(StringComparer.Ordinal));
        }

        keys[key] = value;
    }

    /// <summary>Adds to a list; false when something else has the key.</summary>
    internal bool Append(string ns, string key, object value)
    {
        switch (Get(ns, key))
        {
            case null:
                Set(ns, key, new List<object> { value });
                return true;
            case List<object> list:
                list.Add(value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Shown where an access log names the variable.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (ns, keys) in _metadata)
        {
            foreach (var (key, value) in keys)
            {
                _ = text.Append(text.Length > 0 ? "," : "").Append(ns).Append('.').Append(key).Append('=')
                    .Append(value switch
                    {
                        byte[] bytes => Encoding.UTF8.GetString(bytes),
                        List<object> => "[…]",
                        SortedDictionary<string, object> => "{…}",
                        DBNull => "null",
                        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
                    });
            }
        }

        return text.ToString();
    }
}
