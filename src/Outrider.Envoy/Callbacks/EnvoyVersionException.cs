namespace Outrider.Envoy.Callbacks;

/// <summary>The Envoy that runs the module lacks a function that a filter has just asked for. Thrown when it is first used, not when the module loads.</summary>
public sealed class EnvoyVersionException : NotSupportedException
{
    /// <param name="callback">The function that is missing.</param>
    public EnvoyVersionException(string callback)
        : base($"this Envoy has no {callback}: a newer one is needed for what the filter asked for") => Callback = callback;

    /// <param name="callback">The function that is missing.</param>
    /// <param name="innerException">The cause.</param>
    public EnvoyVersionException(string callback, Exception innerException)
        : base($"this Envoy has no {callback}: a newer one is needed for what the filter asked for", innerException) => Callback = callback;

    /// <summary>A function is missing.</summary>
    public EnvoyVersionException() : this("(unknown)")
    {
    }

    /// <summary>The function that is missing.</summary>
    public string Callback { get; }
}
