namespace Outrider.Samples.EnvoyRemoteBasicAuth;

/// <summary>What the service is asked about.</summary>
/// <param name="Username">The user's name.</param>
/// <param name="Password">The user's password.</param>
public sealed record Credentials(string Username, string Password);
