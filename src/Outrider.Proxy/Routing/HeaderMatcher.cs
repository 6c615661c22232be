using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>One header that a request must have. <c>Host</c> means the authority; of a repeated header the first counts, as in MOSN.</summary>
internal sealed class HeaderMatcher
{
    private readonly byte[] _name;
    private readonly byte[] _value;
    private readonly TextPattern? _pattern;
    private readonly bool _isHost;

    public HeaderMatcher(HeaderMatchConfiguration configuration)
    {
        _name = Encoding.UTF8.GetBytes(configuration.Name);
        _value = Encoding.UTF8.GetBytes(configuration.Value);
        _pattern = configuration.Regex is { } regex ? new TextPattern(regex) : null;
        _isHost = KnownHeaders.Identify(_name) == KnownHeader.Host;
    }

    /// <summary>Has its value to be one very text?</summary>
    public bool IsExact => _pattern is null;

    /// <summary>That text.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>What tells the header from others: the same for two matchers that read the same.</summary>
    public string Key => _isHost ? "host" : Encoding.UTF8.GetString(_name).ToLowerInvariant();

    /// <summary>Does the request have it?</summary>
    public bool Matches(RequestHead request) => TryRead(request, out var value) && (_pattern?.IsMatch(value) ?? value.SequenceEqual(_value));

    /// <summary>The header's value in a request, whatever it is. False: it has none.</summary>
    public bool TryRead(RequestHead request, out ReadOnlySpan<byte> value)
    {
        if (_isHost)
        {
            value = request.Authority;
            return !value.IsEmpty;
        }

        int index = request.Fields.IndexOf(_name);
        value = index >= 0 ? request.Fields.ValueAt(index) : default;
        return index >= 0;
    }
}
