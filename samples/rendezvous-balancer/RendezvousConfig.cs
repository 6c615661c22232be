using Outrider.Filters;

namespace Outrider.Samples.RendezvousBalancer;

/// <summary>The <c>lbconfig</c> of <c>LB_RENDEZVOUS</c>.</summary>
public sealed class RendezvousConfig : IValidatable
{
    /// <summary>Every proxy with the same seed sends the same requests to the same hosts. Default 0.</summary>
    public long Seed { get; set; }

    /// <summary>Whether heavier hosts get more of the requests. Default true.</summary>
    public bool Weighted { get; set; } = true;

    /// <inheritdoc/>
    public void Validate()
    {
        if (Seed < 0)
        {
            throw new FilterConfigurationException("$.seed", "wanted a number of 0 or more");
        }
    }
}
