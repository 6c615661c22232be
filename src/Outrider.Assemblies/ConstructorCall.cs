using System.Reflection;
using System.Reflection.Emit;

namespace Outrider.Assemblies;

/// <summary>
/// Makes delegates that call constructors that were found by reflection, at the price of a call. What a constructor throws comes out as it is.
/// By IL: compiled expressions would bring an assembly of some 2 MB into each proxy.
/// </summary>
internal static class ConstructorCall
{
    /// <summary>A delegate that hands its argument, if it has one, to the constructor.</summary>
    internal static T Of<T>(ConstructorInfo constructor) where T : Delegate
        => Emit(constructor, [.. typeof(T).GetMethod("Invoke")!.GetParameters().Select(parameter => parameter.ParameterType)]).CreateDelegate<T>();

    /// <summary>A delegate without arguments that calls the constructor with this one value every time.</summary>
    internal static T With<T>(ConstructorInfo constructor, object value) where T : Delegate
        => Emit(constructor, [typeof(object)]).CreateDelegate<T>(value);

    private static DynamicMethod Emit(ConstructorInfo constructor, Type[] parameters)
    {
        var method = new DynamicMethod("new " + constructor.DeclaringType, constructor.DeclaringType, parameters, constructor.Module, skipVisibility: true);
        var code = method.GetILGenerator();
        if (constructor.GetParameters() is [var parameter])
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Unbox_Any, parameter.ParameterType);
        }

        code.Emit(OpCodes.Newobj, constructor);
        code.Emit(OpCodes.Ret);
        return method;
    }
}
