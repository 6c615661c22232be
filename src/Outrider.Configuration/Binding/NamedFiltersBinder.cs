using Outrider.Configuration.Model;

namespace Outrider.Configuration.Binding;

/// <summary>Binds the file's own <c>stream_filters</c>: chains by name.</summary>
internal static class NamedFiltersBinder
{
    public static IReadOnlyList<NamedFiltersConfiguration> Bind(ObjectReader root)
    {
        List<NamedFiltersConfiguration> chains = [];
        foreach (ObjectReader chain in root.Objects("stream_filters"))
        {
            string? name = chain.RequiredText("name");
            List<StreamFilterConfiguration> filters = [];
            foreach (ObjectReader filter in chain.Objects("stream_filters"))
            {
                // configs/mosn_so.json has it beside "type", where nobody reads it.
                _ = filter.Integer("status", 0, 0, 599);
                filter.Excuse("status", "has no effect here, as in MOSN; it belongs into the filter's config");
                if (StreamFilterBinder.Bind(filter) is { } bound)
                {
                    filters.Add(bound);
                }
            }

            if (name is not null && chains.Any(other => other.Name == name))
            {
                chain.Error("name", $"another chain is named \"{name}\"");
            }
            else if (name is not null)
            {
                chains.Add(new NamedFiltersConfiguration(name, filters));
            }

            chain.Finish();
        }

        return chains;
    }
}
