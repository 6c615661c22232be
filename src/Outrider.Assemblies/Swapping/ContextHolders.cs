using System.Collections;
using System.Reflection;
using System.Runtime.Loader;

namespace Outrider.Assemblies.Swapping;

/// <summary>
/// Finds what keeps an extension's code in memory after its last use, as far as that can be seen from inside: timers that run, handlers of static events
/// that are fields, and, where there is nothing of those, the places that make threads. By private fields of .NET: where they are named otherwise, it finds nothing.
/// </summary>
internal static class ContextHolders
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Each in words: <c>a timer that calls MyFilters.Cache.Tick</c>.</summary>
    internal static IReadOnlyList<string> Find(AssemblyLoadContext context)
    {
        var found = new List<string>();
        Attempt(() => AddTimers(context, found));
        foreach (var (holder, field, name) in new (object?, FieldInfo?, string)[]
        {
            (AppDomain.CurrentDomain, typeof(AppDomain).GetField("ProcessExit", Any), "AppDomain.ProcessExit"),
            (AppDomain.CurrentDomain, typeof(AppDomain).GetField("DomainUnload", Any), "AppDomain.DomainUnload"),
            (null, typeof(AssemblyLoadContext).GetField("AssemblyLoad", Any), "AppDomain.AssemblyLoad"),
            (null, typeof(AssemblyLoadContext).GetField("AssemblyResolve", Any), "AppDomain.AssemblyResolve"),
            (null, typeof(AppContext).GetField("UnhandledException", Any), "AppDomain.UnhandledException"),
            (null, typeof(AppContext).GetField("FirstChanceException", Any), "AppDomain.FirstChanceException"),
            (AssemblyLoadContext.Default, typeof(AssemblyLoadContext).GetField("_resolving", Any), "AssemblyLoadContext.Default.Resolving"),
            (AssemblyLoadContext.Default, typeof(AssemblyLoadContext).GetField("_unloading", Any), "AssemblyLoadContext.Default.Unloading"),
            (null, typeof(TaskScheduler).GetField("UnobservedTaskException", Any), "TaskScheduler.UnobservedTaskException"),
            (null, typeof(Console).GetField("s_cancelCallbacks", Any), "Console.CancelKeyPress"),
        })
        {
            Attempt(() =>
            {
                if (field?.GetValue(holder) is Delegate handlers)
                {
                    found.AddRange(handlers.GetInvocationList().Where(handler => IsOf(handler, context)).Select(handler => $"the event {name}, which calls {Name(handler)}"));
                }
            });
        }

        Attempt(() => AddEvents(context, found));
        if (found.Count == 0)
        {
            Attempt(() => AddThreads(context, found));
        }

        return [.. found.Distinct()];
    }

    // Static events of others that its code adds handlers to.
    private static void AddEvents(AssemblyLoadContext context, List<string> found)
    {
        foreach (var (add, _) in context.Assemblies.SelectMany(static assembly => CodeReferences.Of(assembly, static name => name.StartsWith("add_", StringComparison.Ordinal))))
        {
            string name = add.Name["add_".Length..];
            if (add is { IsStatic: true, DeclaringType: { ContainsGenericParameters: false } owner } && !owner.Assembly.IsCollectible
                && owner.GetField(name, Any)?.GetValue(null) is Delegate handlers)
            {
                found.AddRange(handlers.GetInvocationList().Where(handler => IsOf(handler, context)).Select(handler => $"the event {owner}.{name}, which calls {Name(handler)}"));
            }
        }
    }

    // Which threads run cannot be seen, only who makes some.
    private static void AddThreads(AssemblyLoadContext context, List<string> found)
    {
        foreach (var assembly in context.Assemblies)
        {
            foreach (var (_, token) in CodeReferences.Of(assembly, static name => name == ".ctor").Where(static reference => reference.Method.DeclaringType == typeof(Thread)))
            {
                found.AddRange(CodeReferences.Users(assembly, token).Select(user => $"a thread that {user.DeclaringType}.{user.Name} makes, if it has not ended"));
            }
        }
    }

    private static void AddTimers(AssemblyLoadContext context, List<string> found)
    {
        var queueType = typeof(Timer).Assembly.GetType("System.Threading.TimerQueue");
        if (queueType?.GetProperty("Instances", Any)?.GetValue(null) is not IEnumerable queues)
        {
            return;
        }

        foreach (object queue in queues)
        {
            foreach (string list in (string[])["_shortTimers", "_longTimers"])
            {
                for (object? timer = queueType.GetField(list, Any)?.GetValue(queue); timer is not null; timer = timer.GetType().GetField("_next", Any)?.GetValue(timer))
                {
                    if (timer.GetType().GetField("_timerCallback", Any)?.GetValue(timer) is Delegate call && IsOf(call, context))
                    {
                        found.Add("a timer that calls " + Name(call));
                    }
                    else if (timer.GetType().GetField("_state", Any)?.GetValue(timer) is { } state && AssemblyLoadContext.GetLoadContext(state.GetType().Assembly) == context)
                    {
                        found.Add("a timer of " + state.GetType());
                    }
                }
            }
        }
    }

    private static bool IsOf(Delegate call, AssemblyLoadContext context)
        => AssemblyLoadContext.GetLoadContext(call.Method.Module.Assembly) == context || (call.Target is { } target && AssemblyLoadContext.GetLoadContext(target.GetType().Assembly) == context);

    private static string Name(Delegate call) => $"{call.Method.DeclaringType}.{call.Method.Name}";

    // Lists that others change meanwhile: what is not seen now is seen the next time.
    private static void Attempt(Action look)
    {
        try
        {
            look();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
        }
    }
}
