using System.Collections;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>
/// Holds a configuration that was read to what the attributes of its properties say (<see cref="ConfigurationRuleAttribute"/>, and those of
/// <see cref="System.ComponentModel.DataAnnotations"/>), and everything within it. Keeps nothing of its types. Any thread.
/// </summary>
public static class ConfigurationRules
{
    // As deep as JSON is read where nothing else is said.
    private const int UsualDepth = 64;

    /// <summary>
    /// Looks at it. <see cref="FilterConfiguration.Read{T}"/> does so by itself; this is for a type with a converter of its own, which reads it by way of another type.
    /// </summary>
    /// <param name="value">What was read.</param>
    /// <param name="type">What it was read as.</param>
    /// <exception cref="FilterConfigurationException">Something is not as it has to be; the path says where.</exception>
    public static void Check(object value, JsonTypeInfo type)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(type);
        new RuleWalk().Check(value, type, "$", type.Options.MaxDepth > 0 ? type.Options.MaxDepth : UsualDepth);
    }

    /// <summary>Is a rule for each value of a property that has several, and not for all of them together?</summary>
    internal static bool IsOfItems(Attribute rule, Type type) => IsList(type) && rule is not ConfigurationRuleAttribute { IsOfList: true } && !StandardRules.IsOfList(rule);

    // Has a property of this type several values?
    private static bool IsList(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);

    /// <summary>The attributes of a property that are rules, or would be for others.</summary>
    internal static IEnumerable<Attribute> Of(JsonPropertyInfo property)
        => property.AttributeProvider?.GetCustomAttributes(inherit: true).OfType<Attribute>().Where(static one => one is ConfigurationRuleAttribute || StandardRules.Is(one)) ?? [];
}
