using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Memory;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Tests.Modules;

/// <summary>A module's own filter by itself: made once, told while it lives, destroyed once.</summary>
public sealed class ModuleInstanceTests
{
    [CompilerFact("gcc")]
    public void It_is_made_once_and_destroyed_once_and_its_number_is_good_in_between()
    {
        string module = BuiltModule.C("told");
        int before = BuiltModule.Ask(module, "told_live");
        using var configuration = Create(module, "some");
        var filter = new ModuleFilter(configuration);
        var instance = new ModuleInstance(filter, configuration);
        Assert.False(instance.Exists);

        instance.Begin();
        nint number = instance.Pointer;
        instance.Begin();

        Assert.True(instance.Exists);
        Assert.Equal(number, instance.Pointer);
        Assert.Same(filter, HostPointers<ModuleFilter>.Find(number));
        Assert.Equal(before + 1, BuiltModule.Ask(module, "told_live"));

        instance.Destroy();
        instance.Destroy();

        Assert.False(instance.Exists);
        Assert.Equal(0, instance.Pointer);
        Assert.Null(HostPointers<ModuleFilter>.Find(number));
        Assert.Equal(before, BuiltModule.Ask(module, "told_live"));
    }

    [CompilerFact("gcc")]
    public void A_filter_that_the_module_does_not_make_is_an_error_and_leaves_no_number()
    {
        using var configuration = Create(BuiltModule.C("told"), "none");
        var instance = new ModuleInstance(new ModuleFilter(configuration), configuration);

        Assert.Contains("made no filter", Assert.Throws<InvalidOperationException>(instance.Begin).Message, StringComparison.Ordinal);
        Assert.False(instance.Exists);
        Assert.Equal(0, instance.Pointer);
    }

    [CompilerFact("gcc")]
    public void What_it_says_is_handed_on_and_hooks_that_it_has_not_let_all_go_on()
    {
        using var configuration = Create(BuiltModule.C("told"), "some");
        var instance = new ModuleInstance(new ModuleFilter(configuration), configuration);
        instance.Begin();

        Assert.Equal(HeadersStatus.StopIteration, instance.OnHeaders(response: false, endStream: false));
        Assert.Equal(HeadersStatus.Continue, instance.OnHeaders(response: false, endStream: true));
        Assert.True(instance.SeesBody(response: false));
        Assert.Equal(DataStatus.StopIterationAndBuffer, instance.OnBody(response: false, endStream: false));
        Assert.False(instance.SeesBody(response: true));
        Assert.Equal(HeadersStatus.Continue, instance.OnHeaders(response: true, endStream: false));
        Assert.Equal(TrailersStatus.Continue, instance.OnTrailers(response: false));
        Assert.Null(instance.OnLocalReply(503, "upstream"));
        Assert.False(instance.OnClientBlocked());
        Assert.Null(ModuleFilter.Current);
        instance.Destroy();
    }

    [CompilerFact("gcc")]
    public void Once_its_stream_ends_it_is_told_nothing_until_another_begins()
    {
        string module = BuiltModule.C("told");
        using var configuration = Create(module, "some");
        var instance = new ModuleInstance(new ModuleFilter(configuration), configuration);
        Assert.False(instance.OnScheduled(1));
        instance.Begin();
        Assert.True(instance.OnScheduled(2));
        Assert.Equal(2, BuiltModule.Ask(module, "told_last_event"));

        Assert.True(instance.End());
        Assert.False(instance.End());
        Assert.False(instance.IsAlive);
        Assert.False(instance.OnScheduled(3));

        instance.Destroy();
        instance.Reset();
        instance.Begin();
        Assert.True(instance.IsAlive);
        Assert.True(instance.OnScheduled(4));
        Assert.Equal(4, BuiltModule.Ask(module, "told_last_event"));
        instance.Destroy();
    }

    private static ModuleConfiguration Create(string module, string filter)
        => ModuleConfiguration.Create(ModuleLibrary.Load(module, ModuleLimits.Default.Timeout), filter, ModuleLimits.Default, []);
}
