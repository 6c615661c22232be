using System.Text;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.Configuration.Model;

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

    /// <summary>Does the request have it?</summary>
    public bool Matches(RequestHead request)
    {
        if (_isHost)
        {
            return !request.Authority.IsEmpty && MatchesValue(request.Authority);
        }

        int index = request.Fields.IndexOf(_name);
        return index >= 0 && MatchesValue(request.Fields.ValueAt(index));
    }

    private bool MatchesValue(ReadOnlySpan<byte> value) => _pattern?.IsMatch(value) ?? value.SequenceEqual(_value);
}
