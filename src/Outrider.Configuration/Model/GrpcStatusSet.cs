namespace Outrider.Configuration.Model;

/// <summary>Some of gRPC's statuses: those for which a call is tried again. Immutable.</summary>
/// <param name="Bits">A bit for each status.</param>
internal readonly record struct GrpcStatusSet(int Bits)
{
    /// <summary>Is there none?</summary>
    internal bool IsEmpty => Bits == 0;

    /// <summary>Envoy's words for those that a call may be tried again for, with their statuses.</summary>
    internal static IReadOnlyDictionary<string, GrpcStatusSet> Words { get; } = new Dictionary<string, GrpcStatusSet>(StringComparer.Ordinal)
    {
        ["cancelled"] = Of(1),
        ["deadline-exceeded"] = Of(4),
        ["internal"] = Of(13),
        ["resource-exhausted"] = Of(8),
        ["unavailable"] = Of(14),
    };

    /// <summary>One status alone.</summary>
    internal static GrpcStatusSet Of(int status) => new(1 << status);

    /// <summary>The statuses of both.</summary>
    internal GrpcStatusSet With(GrpcStatusSet other) => new(Bits | other.Bits);

    /// <summary>Is this one of them?</summary>
    internal bool Contains(int status) => status is >= 0 and <= 16 && (Bits & (1 << status)) != 0;
}
