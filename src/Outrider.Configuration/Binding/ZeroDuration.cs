namespace Outrider.Configuration.Binding;

/// <summary>What a duration of zero means at one place of the configuration.</summary>
internal enum ZeroDuration
{
    /// <summary>No limit; the model keeps the zero.</summary>
    MeansNone,

    /// <summary>As if it were absent, which is how MOSN reads its own defaults.</summary>
    MeansDefault,

    /// <summary>An error: this wait must have an end.</summary>
    IsWrong,
}
