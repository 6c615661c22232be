using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>Registers the filters of a .NET assembly: its public classes with <see cref="StreamFilterAttribute"/>.</summary>
public static class AssemblyFilters
{
    /// <summary>Registers the filters of an assembly that is loaded already.</summary>
    /// <returns>The names that were registered.</returns>
    /// <exception cref="InvalidOperationException">A filter in it is not as <see cref="StreamFilterAttribute"/> wants it, or its name is taken.</exception>
    public static IReadOnlyList<string> Register(Assembly assembly, StreamFilterRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(registry);
        // All are looked at before the first is registered: an assembly with a mistake in it leaves nothing behind.
        var found = Find(assembly, registry);
        found.ForEach(filter => registry.Add(filter.Name, filter.Creator, filter.RouteReader));
        return found.ConvertAll(filter => filter.Name);
    }

    /// <summary>The filters of an assembly, for <paramref name="registry"/> to take.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="Register"/>.</exception>
    internal static List<FoundFilter> Find(Assembly assembly, StreamFilterRegistry registry)
    {
        var found = new List<FoundFilter>();
        ExtensionTypes.RequirePublic<StreamFilterAttribute>(assembly, "stream filter");
        foreach (var type in assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<StreamFilterAttribute>() is not { } attribute)
            {
                continue;
            }

            if (!(type.IsSubclassOf(typeof(StreamFilter)) || type.IsAssignableTo(typeof(IStreamFilterFactory))) || type.IsAbstract)
            {
                throw new InvalidOperationException($"{type} has [StreamFilter] but is not a class that derives from {nameof(StreamFilter)} or implements {nameof(IStreamFilterFactory)}");
            }

            if (string.IsNullOrEmpty(attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a stream filter needs a name");
            }

            if (registry.Find(attribute.Name) is not null || found.Exists(other => other.Name == attribute.Name))
            {
                throw new InvalidOperationException($"{type}: a stream filter named '{attribute.Name}' is registered already");
            }

            var (creator, routeReader) = CreatorOf(type, attribute);
            found.Add(new FoundFilter(attribute.Name, creator, routeReader));
        }

        return found;
    }

    private static (StreamFilterCreator Creator, Func<FilterConfiguration, object>? RouteReader) CreatorOf(Type type, StreamFilterAttribute attribute)
    {
        var constructors = type.GetConstructors();
        if (type.IsAssignableTo(typeof(IStreamFilterFactory)))
        {
            return (FactoryCreatorOf(type, constructors), null);
        }

        if (constructors is not [var constructor] || constructor.GetParameters().Length > 1)
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter (its configuration) or none");
        }

        var methods = OverriddenMethods.Of(type);
        if (constructor.GetParameters() is not [var parameter])
        {
            var create = ConstructorCall.Of<Func<StreamFilter>>(constructor);
            return (
                configuration =>
                {
                    configuration.RequireNone();
                    return new ReflectedFactory(create, attribute.Phase, methods, null);
                },
                null);
        }

        var typeInfo = TypeInfoOf(parameter.ParameterType, attribute.JsonContext);
        return (
            configuration =>
            {
                object value = configuration.Read(typeInfo);
                var create = ConstructorCall.With<Func<StreamFilter>>(constructor, value);
                return new ReflectedFactory(create, attribute.Phase, methods, value);
            },
            configuration => configuration.Read(typeInfo));
    }

    private static StreamFilterCreator FactoryCreatorOf(Type type, ConstructorInfo[] constructors)
    {
        if (constructors is not [var constructor] || constructor.GetParameters() is not [var parameter] || parameter.ParameterType != typeof(FilterConfiguration))
        {
            throw new InvalidOperationException($"{type} must have one public constructor, with one parameter: {nameof(FilterConfiguration)}");
        }

        return ConstructorCall.Of<StreamFilterCreator>(constructor);
    }

    /// <summary>How a configuration of an extension is read: by the context that its author names, by reflection where there is none.</summary>
    /// <exception cref="InvalidOperationException">It cannot be read.</exception>
    internal static JsonTypeInfo TypeInfoOf(Type type, Type? contextType)
    {
        if (contextType is null)
        {
            try
            {
                return ExtensionJson.OptionsOf(type.Assembly).GetTypeInfo(type);
            }
            catch (Exception e) when (e is NotSupportedException or ArgumentException)
            {
                throw new InvalidOperationException($"{type} cannot be read from JSON: {e.Message}", e);
            }
        }

        var context = contextType.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as JsonSerializerContext
            ?? throw new InvalidOperationException($"{contextType} is not a source-generated JsonSerializerContext");
        return context.GetTypeInfo(type) ?? throw new InvalidOperationException($"{contextType} does not know {type}: add [JsonSerializable(typeof({type.Name}))]");
    }

    private sealed class ReflectedFactory(Func<StreamFilter> create, ReceiverPhase phase, StreamFilterMethods methods, object? configuration) : IStreamFilterFactory, IKeepable, IStateOwner, IDisposable
    {
        public string StateName => "";

        public ISwapState? State => configuration as ISwapState;

        public ReceiverPhase Phase => phase;

        public StreamFilterMethods Methods => methods;

        public StreamFilter CreateFilter() => create();

        public void Dispose() => (configuration as IDisposable)?.Dispose();

        public bool CanBeKept(FilterConfiguration next) => (configuration as IKeepable)?.CanBeKept(next) ?? true;
    }
}
