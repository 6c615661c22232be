using System.Buffers;
using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>One walk through a configuration that was read, from property to property, with what they have to be. Each type's attributes are read once in it. For one thread.</summary>
internal sealed class RuleWalk
{
    // What paths have in brackets, as System.Text.Json writes them.
    private static readonly SearchValues<char> s_special = SearchValues.Create(". '/\"[]()\t\n\r\f\b\\\u0085\u2028\u2029");

    private readonly Dictionary<JsonTypeInfo, List<RuledProperty>> _properties = [];

    /// <summary>Looks at a value and everything within it.</summary>
    /// <param name="value">What was read.</param>
    /// <param name="type">What it was read as.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="depth">How many objects and lists may still be within one another: as many as the reader lets be.</param>
    /// <exception cref="FilterConfigurationException">Something is not as it has to be.</exception>
    internal void Check(object? value, JsonTypeInfo type, string path, int depth)
    {
        if (value is null || depth == 0)
        {
            return;
        }

        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                foreach (var property in PropertiesOf(ActualType(value, type)))
                {
                    Check(value, property, path + property.Member, depth);
                }

                break;
            case JsonTypeInfoKind.Enumerable:
            case JsonTypeInfoKind.Dictionary when value is IDictionary:
                if (type.ElementType is { } element && type.Options.TryGetTypeInfo(element, out var items) && items.Kind != JsonTypeInfoKind.None)
                {
                    foreach (var (item, at) in Items(value, path))
                    {
                        Check(item, items, at, depth - 1);
                    }
                }

                break;
        }
    }

    private void Check(object owner, RuledProperty property, string path, int depth)
    {
        object? value = property.Info.Get!(owner);
        foreach (var rule in property.Rules)
        {
            Check(rule, property.Info, value, path);
        }

        if (property.Within is { } within)
        {
            Check(value, within, path, depth - 1);
        }
    }

    private static void Check(Attribute rule, JsonPropertyInfo property, object? value, string path)
    {
        if (!ConfigurationRules.IsOfItems(rule, property.PropertyType))
        {
            Check(rule, property, value, property.PropertyType, path);
            return;
        }

        foreach (var (item, at) in value is null ? [] : Items(value, path))
        {
            Check(rule, property, item, item?.GetType() ?? typeof(object), at);
        }
    }

    private static void Check(Attribute rule, JsonPropertyInfo property, object? value, Type type, string path)
    {
        string? wrong = rule is ConfigurationRuleAttribute own ? value is null ? null : own.Check(value)
            : StandardRules.Check((ValidationAttribute)rule, property.Name, value, type);
        if (wrong is not null)
        {
            throw new FilterConfigurationException(path, wrong);
        }
    }

    private List<RuledProperty> PropertiesOf(JsonTypeInfo type)
    {
        if (!_properties.TryGetValue(type, out var properties))
        {
            _properties.Add(type, properties = []);
            foreach (var property in type.Properties.Where(IsRead))
            {
                var rules = ConfigurationRules.Of(property).ToList();
                var within = property.CustomConverter is null && property.Options.TryGetTypeInfo(property.PropertyType, out var own) && own.Kind != JsonTypeInfoKind.None ? own : null;
                if (rules.Count > 0 || within is not null)
                {
                    properties.Add(new RuledProperty(property, Member(property.Name), rules, within));
                }
            }
        }

        return properties;
    }

    // What has a value of its own in the text: not what is only written, which may lead anywhere.
    private static bool IsRead(JsonPropertyInfo property)
        => property.Get is not null && (property.Set is not null || property.AssociatedParameter is not null || property.ObjectCreationHandling == JsonObjectCreationHandling.Populate);

    private static JsonTypeInfo ActualType(object value, JsonTypeInfo declared)
        => declared.PolymorphismOptions is not null && declared.Options.TryGetTypeInfo(value.GetType(), out var actual) && actual.Kind == JsonTypeInfoKind.Object ? actual : declared;

    private static IEnumerable<(object? Value, string Path)> Items(object list, string path)
    {
        if (list is IDictionary map)
        {
            foreach (DictionaryEntry entry in map)
            {
                yield return (entry.Value, path + Member(entry.Key.ToString() ?? ""));
            }
        }
        else if (list is IEnumerable items)
        {
            int index = 0;
            foreach (object? item in items)
            {
                yield return (item, $"{path}[{index++}]");
            }
        }
    }

    private static string Member(string name) => name.AsSpan().IndexOfAny(s_special) < 0 ? "." + name : $"['{name}']";

    // A property, what it is called in a path, what it has to be, and what is within it, if anything.
    private sealed record RuledProperty(JsonPropertyInfo Info, string Member, List<Attribute> Rules, JsonTypeInfo? Within);
}
