namespace Outrider.Assemblies;

/// <summary>An extension that an assembly brings.</summary>
/// <param name="Kind">What it is, in words: <c>load balancer</c>.</param>
/// <param name="Name">The name that configurations use.</param>
/// <param name="Register">Lets configurations name it. Throws when its name was taken meanwhile. After <paramref name="Withdraw"/> it puts back the same object, by which what was made from it is known.</param>
/// <param name="Withdraw">Takes the name back; null where it is registered for good.</param>
internal sealed record FoundExtension(string Kind, string Name, Action Register, Action? Withdraw);
