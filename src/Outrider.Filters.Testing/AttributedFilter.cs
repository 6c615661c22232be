using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters.Testing;

/// <summary>Reads a filter's class as bases do that load it from an assembly: name, phase and JSON context by its <see cref="StreamFilterAttribute"/>, its configuration by its constructor.</summary>
internal static class AttributedFilter
{
    // What Outrider reads configurations with whose author brought no source-generated context.
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNameCaseInsensitive = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    internal static string NameOf(Type type) => AttributeOf(type)?.Name ?? type.Name;

    /// <exception cref="InvalidOperationException">No base could make a filter of that class.</exception>
    internal static (StreamFilterCreator Creator, Func<FilterConfiguration, object>? ReadRoute) Of(Type type)
    {
        if (type.GetConstructors() is not [var constructor] || constructor.GetParameters().Length > 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter (its configuration) or none");
        }

        if (type.IsAssignableTo(typeof(IStreamFilterFactory)))
        {
            return (configuration => (IStreamFilterFactory)Make(constructor, configuration), null);
        }

        var phase = AttributeOf(type)?.Phase ?? default;
        var methods = OverriddenMethods.Of(type);
        if (constructor.GetParameters() is not [var parameter])
        {
            return (
                configuration =>
                {
                    configuration.RequireNone();
                    return new Factory(() => (StreamFilter)Make(constructor), phase, methods, null);
                },
                null);
        }

        var typeInfo = TypeInfoOf(parameter.ParameterType, AttributeOf(type)?.JsonContext);
        return (
            configuration =>
            {
                object value = configuration.Read(typeInfo);
                return new Factory(() => (StreamFilter)Make(constructor, value), phase, methods, value);
            },
            configuration => configuration.Read(typeInfo));
    }

    private static StreamFilterAttribute? AttributeOf(Type type) => type.GetCustomAttribute<StreamFilterAttribute>();

    private static object Make(ConstructorInfo constructor, params object[] arguments)
    {
        try
        {
            return constructor.Invoke(arguments);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    private static JsonTypeInfo TypeInfoOf(Type type, Type? contextType)
    {
        if (contextType is null)
        {
            return s_options.GetTypeInfo(type);
        }

        var context = contextType.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as JsonSerializerContext
            ?? throw new InvalidOperationException($"{contextType} is not a source-generated JsonSerializerContext");
        return context.GetTypeInfo(type) ?? throw new InvalidOperationException($"{contextType} does not know {type}: add [JsonSerializable(typeof({type.Name}))]");
    }

    private sealed class Factory(Func<StreamFilter> create, ReceiverPhase phase, StreamFilterMethods methods, object? configuration) : IStreamFilterFactory, IDisposable
    {
        public ReceiverPhase Phase => phase;

        public StreamFilterMethods Methods => methods;

        public StreamFilter CreateFilter() => create();

        public void Dispose() => (configuration as IDisposable)?.Dispose();
    }
}
