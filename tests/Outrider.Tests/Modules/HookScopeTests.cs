using Outrider.Plugins.Modules.Signals;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Tests.Modules;

/// <summary>Who called a module is known while it runs, and who called before that afterwards.</summary>
public sealed class HookScopeTests
{
    private HookScope _one, _other;

    [Fact]
    public void A_hook_in_a_hook_of_the_same_caller_ends_nothing()
    {
        object caller = new();
        _one.Enter(caller, shields: false);
        _one.Enter(caller, shields: false);

        Assert.False(_one.Leave());
        Assert.Same(caller, ModuleThread.Caller);
        Assert.True(_one.Leave());
        Assert.Null(ModuleThread.Caller);
    }

    [Fact]
    public void Who_called_before_is_the_caller_again_afterwards()
    {
        object first = new(), second = new();
        _one.Enter(first, shields: false);
        _other.Enter(second, shields: false);
        Assert.Same(second, ModuleThread.Caller);

        Assert.True(_other.Leave());
        Assert.Same(first, ModuleThread.Caller);
        Assert.True(_one.Leave());
        Assert.Null(ModuleThread.Caller);
    }
}
