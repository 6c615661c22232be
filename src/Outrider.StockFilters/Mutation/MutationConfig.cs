using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Mutation;

/// <summary>One change: <c>{ "remove": "x-a" }</c>, or <c>{ "append": { "header": { "key": "x-a", "value": "1" }, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD" } }</c>.</summary>
public sealed class MutationConfig
{
    /// <summary>The header to take out.</summary>
    public string Remove { get; set; } = "";

    /// <summary>The header to add or to set.</summary>
    public AppendConfig? Append { get; set; }

    private byte[] _name = [];
    private byte[] _value = [];

    internal void Validate(string path)
    {
        if (string.IsNullOrEmpty(Remove) == Append is null)
        {
            throw new FilterConfigurationException(path, "wanted either \"remove\" or \"append\"");
        }

        if (Append is null)
        {
            _name = HeaderName.ReadWritable(path + ".remove", Remove);
            if (Is("host"u8))
            {
                throw new FilterConfigurationException(path + ".remove", "a request without its host is none");
            }

            return;
        }

        var header = Append.Header!;
        _name = HeaderName.ReadWritable(path + ".append.header.key", header.Key);
        _value = Encoding.UTF8.GetBytes(header.Value ?? "");
        if (!HeaderSyntax.IsValue(_value))
        {
            throw new FilterConfigurationException(path + ".append.header.value", "holds a control character");
        }
    }

    /// <summary>Does it.</summary>
    internal void Apply(HeaderMap headers)
    {
        if (Append is null)
        {
            _ = headers.Remove(_name);
            return;
        }

        switch (Append.AppendAction)
        {
            // There is one host, whatever is done to it.
            case AppendAction.AppendIfExistsOrAdd when !Is("host"u8):
                headers.Append(_name, _value);
                break;
            case AppendAction.AddIfAbsent when headers.Contains(_name):
            case AppendAction.OverwriteIfExists when !headers.Contains(_name):
                break;
            default:
                headers.Set(_name, _value);
                break;
        }
    }

    private bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(_name, name);
}
