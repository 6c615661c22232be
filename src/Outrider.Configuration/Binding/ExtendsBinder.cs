using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds <c>extends</c>: what is for others than the proxy.</summary>
internal static class ExtendsBinder
{
    public static IReadOnlyList<ExtendConfiguration> Bind(ObjectReader root)
    {
        List<ExtendConfiguration> entries = [];
        foreach (ObjectReader entry in root.Objects("extends"))
        {
            string? type = entry.RequiredText("type");
            var config = entry.Take("config");
            entry.Finish();
            if (type is not null)
            {
                entries.Add(new ExtendConfiguration(type, entry.Node.ToValue(), config?.ToValue()));
            }
        }

        return entries;
    }
}
