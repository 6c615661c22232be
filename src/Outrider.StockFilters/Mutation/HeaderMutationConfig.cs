using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Mutation;

/// <summary>Envoy's <c>header_mutation</c>, without its <c>mutations</c> around the two lists or with them.</summary>
public sealed class HeaderMutationConfig : IValidatable
{
    /// <summary>Envoy's place for the two lists. Default: they stand beside it.</summary>
    public HeaderMutationConfig? Mutations { get; set; }

    /// <summary>What is done to requests, in this order. Default: nothing.</summary>
    public MutationConfig[]? RequestMutations { get; set; }

    /// <summary>What is done to responses, in this order. Default: nothing.</summary>
    public MutationConfig[]? ResponseMutations { get; set; }

    [JsonIgnore]
    internal MutationConfig[] ForRequests { get; private set; } = [];

    [JsonIgnore]
    internal MutationConfig[] ForResponses { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        if (Mutations is { Mutations: not null })
        {
            throw new FilterConfigurationException("$.mutations.mutations", "\"mutations\" within \"mutations\"");
        }

        ForRequests = [.. Checked("$.request_mutations", RequestMutations), .. Checked("$.mutations.request_mutations", Mutations?.RequestMutations)];
        ForResponses = [.. Checked("$.response_mutations", ResponseMutations), .. Checked("$.mutations.response_mutations", Mutations?.ResponseMutations)];
    }

    private static MutationConfig[] Checked(string path, MutationConfig[]? mutations)
    {
        for (int i = 0; i < mutations?.Length; i++)
        {
            (mutations[i] ?? throw new FilterConfigurationException($"{path}[{i}]", "wanted an object")).Validate($"{path}[{i}]");
        }

        return mutations ?? [];
    }
}
