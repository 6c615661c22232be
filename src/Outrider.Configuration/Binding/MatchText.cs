using System.Globalization;
using System.Text;

namespace Outrider.Configuration.Binding;

/// <summary>
/// Reads protobuf's text format, as far as a filter chain's match needs it: MOSN keeps an Envoy's <c>FilterChainMatch</c> as this text
/// (<c>server_names:"a.example" destination_port:{value:443}</c>).
/// </summary>
internal ref struct MatchText
{
    private const int MaxDepth = 8;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private MatchText(ReadOnlySpan<char> text) => _text = text;

    /// <summary>The message's fields.</summary>
    /// <exception cref="FormatException">It is no such text; the message says where.</exception>
    public static IReadOnlyList<MatchTextField> Parse(string text)
    {
        var reader = new MatchText(text);
        List<MatchTextField> fields = [];
        reader.Message(fields, '\0', 0);
        return fields;
    }

    private void Message(List<MatchTextField> fields, char end, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Wrong("fewer messages within each other");
        }

        while (true)
        {
            Space();
            if (_at == _text.Length ? end == '\0' : _text[_at] == end)
            {
                _at += end == '\0' ? 0 : 1;
                return;
            }

            string name = Word("a field's name");
            bool colon = Take(':');
            if (colon && Take('['))
            {
                while (!Take(']'))
                {
                    Value(fields, name, colon, depth);
                    _ = Take(',');
                }
            }
            else
            {
                Value(fields, name, colon, depth);
            }

            _ = Take(',') || Take(';');
        }
    }

    private void Value(List<MatchTextField> fields, string name, bool colon, int depth)
    {
        if (Take('{') || Take('<'))
        {
            List<MatchTextField> inner = [];
            Message(inner, _text[_at - 1] == '{' ? '}' : '>', depth + 1);
            fields.Add(new MatchTextField(name, null, inner));
            return;
        }

        if (!colon)
        {
            throw Wrong("a colon");
        }

        Space();
        bool quoted = _at < _text.Length && _text[_at] is '"' or '\'';
        fields.Add(new MatchTextField(name, quoted ? Quoted() : Word("a value"), []));
    }

    private string Quoted()
    {
        char quote = _text[_at++];
        var value = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote)
        {
            // Nothing in a match needs another escape than these.
            if (_text[_at] == '\\' && _at + 1 < _text.Length && _text[_at + 1] is '"' or '\'' or '\\')
            {
                _at++;
            }

            value.Append(_text[_at++]);
        }

        if (_at == _text.Length)
        {
            throw Wrong("the string's end");
        }

        _at++;
        return value.ToString();
    }

    private string Word(string wanted)
    {
        Space();
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-' or '.'))
        {
            _at++;
        }

        return _at > start ? _text[start.._at].ToString() : throw Wrong(wanted);
    }

    private bool Take(char c)
    {
        Space();
        if (_at == _text.Length || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Space()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private readonly FormatException Wrong(string wanted)
        => new(string.Create(CultureInfo.InvariantCulture, $"position {_at + 1}: wanted {wanted}"));
}
