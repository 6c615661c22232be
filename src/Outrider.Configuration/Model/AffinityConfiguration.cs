namespace Outrider.Configuration.Model;

/// <summary>A cookie that clients keep to their host by (<c>session_affinity.cookie</c>).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Its path; empty for none.</param>
/// <param name="Lifetime">How long it lives; zero for the browser's session.</param>
internal sealed record AffinityConfiguration(string Name, string Path, TimeSpan Lifetime);
