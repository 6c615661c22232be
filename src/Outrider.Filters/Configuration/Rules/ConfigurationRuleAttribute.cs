using System.Text.Json.Nodes;

namespace Outrider.Filters;

/// <summary>
/// What a value of a configuration has to be, on the property that it is read into: looked at before <see cref="IValidatable.Validate"/>, and told in the schema that
/// <c>outrider schema</c> prints. On a property with several values (an array, a list, a dictionary) it is for each of them, but for one that is for the list
/// (<see cref="IsOfList"/>). Null is no value: <c>[Required]</c> is for that.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public abstract class ConfigurationRuleAttribute : Attribute
{
    /// <summary>Is it shown a list as a whole? Default false: each value of it.</summary>
    public virtual bool IsOfList => false;

    /// <summary>Looks at a value, of the property's type or of an item's.</summary>
    /// <returns>What is wrong, for whoever wrote the configuration (<c>found 0, wanted 1 to 10</c>); null for nothing.</returns>
    public abstract string? Check(object value);

    /// <summary>Tells it in the JSON Schema of the value, to which keywords are added (<c>minimum</c>, <c>pattern</c>). Default: nothing. Not called where the filter runs.</summary>
    public virtual void Describe(JsonObject schema)
    {
    }
}
