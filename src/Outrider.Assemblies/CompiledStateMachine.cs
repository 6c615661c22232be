using System.Reflection;
using System.Runtime.CompilerServices;

namespace Outrider.Assemblies;

/// <summary>
/// What the framework instantiates for an <c>async</c> method of an extension, compiled ahead as well: its first call would have to wait for that, and its
/// first await once more. By names of .NET's own types: where they are others, nothing is compiled ahead of them.
/// </summary>
internal static class CompiledStateMachine
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Is it what the compiler makes of an <c>async</c> method?</summary>
    internal static bool Is(Type type) => type is { IsValueType: true, ContainsGenericParameters: false } && typeof(IAsyncStateMachine).IsAssignableFrom(type);

    /// <summary>Compiles it.</summary>
    internal static void Compile(Type machine)
    {
        var fields = machine.GetFields(Any);
        if (fields.FirstOrDefault(static field => field.Name == "<>t__builder")?.FieldType is not { } builder)
        {
            return;
        }

        Prepare(builder, "Start", machine);
        foreach (var awaiter in fields.Select(static field => field.FieldType).Where(static type => typeof(INotifyCompletion).IsAssignableFrom(type)).Distinct())
        {
            Prepare(builder, typeof(ICriticalNotifyCompletion).IsAssignableFrom(awaiter) ? "AwaitUnsafeOnCompleted" : "AwaitOnCompleted", awaiter, machine);
        }

        // The object that a call becomes when it waits, of the builder that the other ones share.
        var shared = builder.IsGenericType && builder.GetGenericTypeDefinition() != typeof(AsyncTaskMethodBuilder<>) ? typeof(AsyncTaskMethodBuilder<>).MakeGenericType(builder.GetGenericArguments())
            : builder.IsGenericType ? builder : typeof(AsyncTaskMethodBuilder<>).MakeGenericType(typeof(AsyncTaskMethodBuilder).Assembly.GetType("System.Threading.Tasks.VoidTaskResult", throwOnError: true)!);
        foreach (var owner in new[] { builder, shared }.Distinct())
        {
            foreach (var box in owner.GetNestedTypes(Any).Where(static nested => nested.Name.StartsWith("StateMachineBox`", StringComparison.Ordinal) || nested.Name.StartsWith("AsyncStateMachineBox`", StringComparison.Ordinal)))
            {
                Type[] arguments = [.. owner.GetGenericArguments(), machine];
                if (box.GetGenericArguments().Length == arguments.Length)
                {
                    CompiledAhead.Methods(box.MakeGenericType(arguments));
                }
            }

            foreach (var method in owner.GetMethods(Any).Where(static method => method is { Name: "GetStateMachineBox", IsGenericMethodDefinition: true }))
            {
                CompiledAhead.Attempt(() => RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. owner.GetGenericArguments().Select(static type => type.TypeHandle), machine.TypeHandle]));
            }
        }
    }

    private static void Prepare(Type builder, string name, params Type[] arguments)
    {
        foreach (var method in builder.GetMethods(Any).Where(method => method.Name == name && method.IsGenericMethodDefinition && method.GetGenericArguments().Length == arguments.Length))
        {
            CompiledAhead.Attempt(() => RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. builder.GetGenericArguments().Select(static type => type.TypeHandle), .. arguments.Select(static type => type.TypeHandle)]));
        }
    }
}
