using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Outrider.Describing;

/// <summary>What authors say of the members of their types, from the XML file that a compiler puts beside an assembly.</summary>
internal static partial class XmlSummaries
{
    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> s_files = new(StringComparer.Ordinal);

    /// <summary>The summary of a property or field, as plain text; null where there is none.</summary>
    internal static string? Of(MemberInfo member)
    {
        string file = member.DeclaringType?.Assembly.Location is { Length: > 0 } assembly ? Path.ChangeExtension(assembly, ".xml") : "";
        string id = $"{(member is FieldInfo ? 'F' : 'P')}:{member.DeclaringType?.FullName?.Replace('+', '.')}.{member.Name}";
        return file.Length == 0 ? null : s_files.GetOrAdd(file, Read).GetValueOrDefault(id);
    }

    private static IReadOnlyDictionary<string, string> Read(string file)
    {
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var member in File.Exists(file) ? XDocument.Load(file).Descendants("member") : [])
            {
                if (member.Attribute("name")?.Value is { } name && member.Element("summary") is { } summary)
                {
                    summaries[name] = Blanks().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();
                }
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // Texts for people, without which the schema is no less right.
        }

        return summaries;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when element.Attribute("cref")?.Value is { } reference => reference[(reference.LastIndexOf('.') + 1)..],
        XElement element when element.Attribute("langword")?.Value is { } word => word,
        XElement element => string.Concat(element.Nodes().Select(Text)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
