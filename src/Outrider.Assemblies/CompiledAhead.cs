using System.Reflection;
using System.Runtime.CompilerServices;

namespace Outrider.Assemblies;

/// <summary>Compiles code before the first stream needs it, as .NET compiles a method when it is first called.</summary>
internal static class CompiledAhead
{
    /// <summary>Compiles all methods of an assembly that can be without knowing more. What refers to something that is missing is left for when it is called: nobody may call it.</summary>
    internal static void Compile(Assembly assembly)
    {
        foreach (var type in TypesOf(assembly).Where(static type => !type.ContainsGenericParameters))
        {
            Methods(type);
            if (CompiledStateMachine.Is(type))
            {
                Attempt(() => CompiledStateMachine.Compile(type));
            }
        }
    }

    /// <summary>Compiles a type's own methods and constructors.</summary>
    internal static void Methods(Type type) => Attempt(() =>
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (var method in type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own)))
        {
            // A type's own initializer is run by its first use, and not before.
            if (method is { IsAbstract: false, ContainsGenericParameters: false } && (method.Attributes & MethodAttributes.PinvokeImpl) == 0)
            {
                var arguments = type.IsGenericType ? type.GetGenericArguments().Select(static argument => argument.TypeHandle).ToArray() : null;
                Attempt(() => RuntimeHelpers.PrepareMethod(method.MethodHandle, arguments));
            }
        }
    });

    /// <summary>Does what may fail: nothing is lost but time.</summary>
    internal static void Attempt(Action compile)
    {
        try
        {
            compile();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It fails where it is called, and is told there.
        }
    }

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.Types.OfType<Type>();
        }
    }
}
