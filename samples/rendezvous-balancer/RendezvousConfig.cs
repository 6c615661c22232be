using System.ComponentModel.DataAnnotations;

namespace Outrider.Samples.RendezvousBalancer;

/// <summary>The <c>lbconfig</c> of <c>LB_RENDEZVOUS</c>.</summary>
public sealed class RendezvousConfig
{
    /// <summary>Every proxy with the same seed sends the same requests to the same hosts. Default 0.</summary>
    [Range(0, double.MaxValue)]
    public long Seed { get; set; }

    /// <summary>Whether heavier hosts get more of the requests. Default true.</summary>
    public bool Weighted { get; set; } = true;
}
