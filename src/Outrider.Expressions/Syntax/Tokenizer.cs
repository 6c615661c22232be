using System.Globalization;
using System.Text;
using Outrider.Expressions.Values;

namespace Outrider.Expressions.Syntax;

/// <summary>Cuts an expression into Go's tokens.</summary>
internal sealed class Tokenizer(string text)
{
    private static readonly string[] s_operators = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "|", "(", ")", "[", "]", ".", ","];

    private int _next;

    /// <summary>Where the token at hand begins.</summary>
    internal int At { get; private set; }

    /// <summary>The operator, or the name; empty at the end.</summary>
    internal string Word { get; private set; } = "";

    /// <summary>Is it a name?</summary>
    internal bool IsName { get; private set; }

    /// <summary>The literal's value; null where the token is none.</summary>
    internal Value? Literal { get; private set; }

    /// <summary>Is it a literal text, of which a duration may be meant?</summary>
    internal bool IsEnd => _isEnd;

    private bool _isEnd;

    /// <summary>Goes to the next token.</summary>
    internal void Move()
    {
        while (_next < text.Length && text[_next] is ' ' or '\t' or '\r' or '\n')
        {
            _next++;
        }

        At = _next;
        (Word, IsName, Literal) = ("", false, null);
        if (_next >= text.Length)
        {
            _isEnd = true;
            return;
        }

        char first = text[_next];
        if (first is '"' or '`')
        {
            Literal = Value.Of(first == '`' ? Raw() : Quoted());
        }
        else if (char.IsAsciiDigit(first) || (first == '.' && _next + 1 < text.Length && char.IsAsciiDigit(text[_next + 1])))
        {
            Literal = Number();
        }
        else if (char.IsLetter(first) || first == '_')
        {
            while (_next < text.Length && (char.IsLetterOrDigit(text[_next]) || text[_next] == '_'))
            {
                _next++;
            }

            Word = text[At.._next];
            IsName = true;
        }
        else
        {
            Word = Array.Find(s_operators, word => string.CompareOrdinal(text, At, word, 0, word.Length) == 0) ?? throw Wrong(At, $"unexpected '{first}'");
            _next += Word.Length;
        }
    }

    /// <summary>What is wrong there.</summary>
    internal static FormatException Wrong(int at, string message) => new($"at character {(at + 1).ToString(CultureInfo.InvariantCulture)}: {message}");

    private string Raw()
    {
        int end = text.IndexOf('`', _next + 1);
        string raw = end < 0 ? throw Wrong(At, "the text has no end") : text[(_next + 1)..end];
        _next = end + 1;
        return raw;
    }

    private string Quoted()
    {
        var value = new StringBuilder();
        for (_next++; _next < text.Length && text[_next] != '"'; _next++)
        {
            char letter = text[_next];
            if (letter == '\n')
            {
                break;
            }

            value.Append(letter == '\\' ? Escaped() : letter.ToString());
        }

        if (_next >= text.Length || text[_next] != '"')
        {
            throw Wrong(At, "the text has no end");
        }

        _next++;
        return value.ToString();
    }

    private string Escaped()
    {
        _next++;
        char kind = _next < text.Length ? text[_next] : '\0';
        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (_next + digits >= text.Length || !int.TryParse(text.AsSpan(_next + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) || !Rune.IsValid(code))
            {
                throw Wrong(_next, "wrong escape");
            }

            _next += digits;
            return new Rune(code).ToString();
        }

        return kind switch
        {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            'a' => "\a",
            'b' => "\b",
            'f' => "\f",
            'v' => "\v",
            '\\' or '"' => kind.ToString(),
            _ => throw Wrong(_next, "wrong escape"),
        };
    }

    private Value Number()
    {
        while (_next < text.Length && (char.IsLetterOrDigit(text[_next]) || text[_next] == '.' || (text[_next] is '+' or '-' && text[_next - 1] is 'e' or 'E')))
        {
            _next++;
        }

        string written = text[At.._next];
        if (written.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(written.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex))
        {
            return Value.Of(hex);
        }

        if (long.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
        {
            return Value.Of(whole);
        }

        return double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? Value.Of(number) : throw Wrong(At, $"'{written}' is no number");
    }
}
