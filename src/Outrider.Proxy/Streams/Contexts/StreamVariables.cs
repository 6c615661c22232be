using System.Text;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>Variables and state that filters have set on a stream. Lives, and is used again, with it; what holds them is made for streams that have some.</summary>
/// <param name="record">Where those go that tell the proxy something; null for nowhere.</param>
internal sealed class StreamVariables(StreamRecord? record = null)
{
    private Dictionary<string, object>? _variables;
    private Dictionary<string, byte[]>? _state;

    /// <summary>A variable that a filter has set; null when none has.</summary>
    internal object? Find(string name) => _variables?.GetValueOrDefault(name);

    /// <inheritdoc cref="Find(string)"/>
    internal object? Find(ReadOnlySpan<byte> name) => _variables is { Count: > 0 } ? Find(Encoding.UTF8.GetString(name)) : null;

    /// <summary>Sets a variable, or takes it away.</summary>
    /// <exception cref="ArgumentException">It is one of the proxy's own.</exception>
    internal void Set(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (AccessLogVariables.TryFind(name, out _, out _))
        {
            throw new ArgumentException($"'{name}' is a variable of the proxy's own", nameof(name));
        }

        record?.Controls.Take(name, value);
        if (value is null)
        {
            _ = _variables?.Remove(name);
        }
        else
        {
            (_variables ??= new(StringComparer.Ordinal))[name] = value;
        }
    }

    /// <summary>A copy of the state that is set under a key; null when none is.</summary>
    internal byte[]? GetState(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _state?.GetValueOrDefault(key)?.AsSpan().ToArray();
    }

    /// <summary>Sets state, once.</summary>
    /// <exception cref="InvalidOperationException">It is set already.</exception>
    internal void SetState(string key, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (!(_state ??= new(StringComparer.Ordinal)).TryAdd(key, value.ToArray()))
        {
            throw new InvalidOperationException($"the filter state '{key}' is set already");
        }
    }

    /// <summary>Makes ready for the next stream.</summary>
    internal void Reset()
    {
        _variables?.Clear();
        _state?.Clear();
    }
}
