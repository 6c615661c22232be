using System.Reflection;

namespace Outrider.Assemblies;

/// <summary>Looks through the classes of an extension's assembly.</summary>
internal static class ExtensionTypes
{
    /// <summary>Throws when a class has the attribute and cannot be seen from outside: its author would look in vain for what they registered.</summary>
    /// <typeparam name="TAttribute">The attribute that registers.</typeparam>
    /// <param name="assembly">The extension.</param>
    /// <param name="kind">What such a class is, for the message.</param>
    /// <exception cref="InvalidOperationException">There is such a class; the message names it.</exception>
    internal static void RequirePublic<TAttribute>(Assembly assembly, string kind) where TAttribute : Attribute
    {
        Type?[] types;
        try
        {
            types = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            // Classes that nobody outside sees may refer to what is not there, as long as nobody uses them.
            types = e.Types;
        }

        if (Array.Find(types, type => type is { IsVisible: false } && type.IsDefined(typeof(TAttribute), inherit: false)) is { } hidden)
        {
            throw new InvalidOperationException($"{hidden} has [{typeof(TAttribute).Name[..^"Attribute".Length]}] but is not public: a {kind} must be a public class");
        }
    }
}
