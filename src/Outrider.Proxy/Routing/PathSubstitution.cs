using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Outrider.Configuration.Model;

namespace Outrider.Proxy.Routing;

/// <summary>
/// A <c>regex_rewrite</c> on the bytes of a path: what lies between matches, and what groups carry over, stays byte for byte as the
/// client wrote it; what the configuration puts there is percent-encoded where it has to be.
/// </summary>
internal sealed class PathSubstitution
{
    private readonly Regex _regex;
    private readonly List<(byte[] Literal, string? Group)> _parts = [];

    public PathSubstitution(RegexRewriteConfiguration configuration)
    {
        _regex = configuration.Regex;
        Parse(configuration.Substitution);
    }

    /// <summary>The path with every match replaced; null where that is the same path.</summary>
    public byte[]? Apply(ReadOnlySpan<byte> path)
    {
        var mapped = new MappedPath(path);
        var output = new ArrayBufferWriter<byte>(path.Length + 32);
        int at = 0;
        for (Match match = _regex.Match(mapped.Text); match.Success; match = match.NextMatch())
        {
            output.Write(mapped.Slice(at, match.Index - at));
            foreach ((byte[] literal, string? group) in _parts)
            {
                output.Write(literal);
                if (group is not null && match.Groups[group] is { Success: true } captured)
                {
                    output.Write(mapped.Slice(captured.Index, captured.Length));
                }
            }

            at = match.Index + match.Length;
        }

        output.Write(mapped.Slice(at, mapped.Text.Length - at));
        ReadOnlySpan<byte> made = output.WrittenSpan;
        // What a substitution made is a path again: it begins with a slash.
        return made.SequenceEqual(path) ? null : made.StartsWith("/"u8) ? made.ToArray() : [(byte)'/', .. made];
    }

    // As GoReplacement writes it: text, "$$", and "${name}".
    private void Parse(string substitution)
    {
        var literal = new StringBuilder();
        for (int i = 0; i < substitution.Length; i++)
        {
            if (substitution[i] != '$')
            {
                literal.Append(substitution[i]);
            }
            else if (substitution[i + 1] == '$')
            {
                literal.Append('$');
                i++;
            }
            else
            {
                int end = substitution.IndexOf('}', i);
                Add(literal, substitution[(i + 2)..end]);
                i = end;
            }
        }

        Add(literal, null);
    }

    private void Add(StringBuilder literal, string? group)
    {
        _parts.Add((PathEncoding.Encode(Encoding.UTF8.GetBytes(literal.ToString()), keepsQuery: false), group));
        literal.Clear();
    }
}
