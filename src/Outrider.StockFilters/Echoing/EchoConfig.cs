using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Echoing;

/// <summary>MOSN's: <c>{ "status": 200, "body": "hello", "header_list": { "x-a": "b" } }</c>.</summary>
public sealed class EchoConfig : IValidatable
{
    /// <summary>The answer's status, 200 to 599; 0, the default: requests pass.</summary>
    [ZeroOr(200, 599)]
    public int Status { get; set; }

    /// <summary>The answer's body. Default: none.</summary>
    public string Body { get; set; } = "";

    /// <summary>The answer's headers. Default: none.</summary>
    public Dictionary<string, string> HeaderList { get; set; } = [];

    [JsonIgnore]
    internal LocalReply? Answer { get; private set; }

    /// <inheritdoc/>
    public void Validate()
    {
        if (Status == 0)
        {
            return;
        }

        Answer = new LocalReply(Status, Body);
        foreach (var (name, value) in HeaderList)
        {
            try
            {
                Answer.With(name, value);
            }
            catch (ArgumentException e)
            {
                throw new FilterConfigurationException($"$.header_list['{name}']", e.Message, e);
            }
        }
    }
}
