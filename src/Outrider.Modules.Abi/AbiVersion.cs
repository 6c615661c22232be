namespace Outrider.Modules.Abi;

/// <summary>The ABI's own version, which a module names when it is loaded. A difference is a warning in Envoy's log, not a failure.</summary>
internal static class AbiVersion
{
    /// <summary>Envoy 1.38 and 1.39.</summary>
    public static ReadOnlySpan<byte> V01 => "v0.1.0\0"u8;

    /// <summary>Envoy 1.40.</summary>
    public static ReadOnlySpan<byte> V02 => "v0.2.0\0"u8;
}
