using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Outrider.Filters;

/// <summary>Finds out which methods a filter class overrides.</summary>
public static class OverriddenMethods
{
    private static readonly (string Name, StreamFilterMethods Method)[] s_methods =
    [
        (nameof(StreamFilter.DecodeHeadersAsync), StreamFilterMethods.DecodeHeaders),
        (nameof(StreamFilter.DecodeDataAsync), StreamFilterMethods.DecodeData),
        (nameof(StreamFilter.DecodeTrailersAsync), StreamFilterMethods.DecodeTrailers),
        (nameof(StreamFilter.EncodeHeadersAsync), StreamFilterMethods.EncodeHeaders),
        (nameof(StreamFilter.EncodeDataAsync), StreamFilterMethods.EncodeData),
        (nameof(StreamFilter.EncodeTrailersAsync), StreamFilterMethods.EncodeTrailers),
        (nameof(StreamFilter.OnLog), StreamFilterMethods.OnLog),
        (nameof(StreamFilter.OnLocalReply), StreamFilterMethods.OnLocalReply),
        (nameof(StreamFilter.OnResponseBlocked), StreamFilterMethods.OnFlow),
        (nameof(StreamFilter.OnResponseUnblocked), StreamFilterMethods.OnFlow),
    ];

    /// <summary>The methods that <paramref name="filter"/> or one of its bases overrides.</summary>
    public static StreamFilterMethods Of([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] Type filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var methods = StreamFilterMethods.None;
        foreach (var (name, method) in s_methods)
        {
            // Overloads of the author's own may share the name: only the one that has the base's slot counts.
            if (filter.GetMethods(BindingFlags.Instance | BindingFlags.Public)
                .Any(m => m.Name == name && m.GetBaseDefinition().DeclaringType == typeof(StreamFilter) && m.DeclaringType != typeof(StreamFilter)))
            {
                methods |= method;
            }
        }

        return methods;
    }
}
