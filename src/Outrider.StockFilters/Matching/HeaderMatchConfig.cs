using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Outrider.StockFilters.Matching;

/// <summary>A header that a request must have, as MOSN writes it: <c>{ "name": "x-user", "value": "a", "regex": false }</c>.</summary>
public sealed class HeaderMatchConfig
{
    /// <summary>The header's name, without case; <c>host</c> is the authority. Required.</summary>
    [Required]
    public string? Name { get; set; }

    /// <summary>The whole value, or the pattern. Of a repeated header the first field counts. Default empty: the header is there, whatever its value.</summary>
    public string Value { get; set; } = "";

    /// <summary>Is <see cref="Value"/> a regular expression, which is looked for anywhere in the value, as in MOSN? Default false.</summary>
    public bool Regex { get; set; }

    /// <summary>The same, ready for use.</summary>
    [JsonIgnore]
    internal HeaderMatch Match { get; private set; } = null!;

    /// <summary>Makes <see cref="Match"/>.</summary>
    /// <param name="path">Where in the configuration this stands.</param>
    internal void Validate(string path) => Match = new HeaderMatch(path, Name, Value, Regex);
}
