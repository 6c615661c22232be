using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Signals;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>A library that changes the process's signal handlers, as Go's runtime does, changes nothing for .NET; and where it runs, .NET's signal does not.</summary>
public sealed class SignalTests
{
    private const string Waiting = "GET / HTTP/1.1\r\nhost: x\r\nx-wait: 1\r\n\r\n";

    [CompilerFact("gcc")]
    public async Task What_a_library_does_to_handlers_is_taken_back_and_the_signal_is_kept_from_its_hooks_and_threads()
    {
        string module = BuiltModule.C("go-like");
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, module, "small");
        Assert.Equal(0, BuiltModule.Ask(module, "golike_suspension_is_on_alternate_stack"));

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Waiting)));
        await Eventually.HoldsAsync(() => BuiltModule.Ask(module, "golike_blocked_after_callback") + BuiltModule.Ask(module, "golike_open_after_callback") == 2);
        // The configuration, two requests, one event.
        Assert.Equal((4, 0), (BuiltModule.Ask(module, "golike_blocked"), BuiltModule.Ask(module, "golike_open")));
        if (!SignalShield.HasOtherRuntime)
        {
            // A module with a .NET of its own, which another test may have loaded into this process, has its threads left open.
            Assert.Equal((2, 0), (BuiltModule.Ask(module, "golike_blocked_after_callback"), BuiltModule.Ask(module, "golike_open_after_callback")));
        }

        // Beside it, and on the same thread, a library that changes nothing pays nothing.
        string polite = BuiltModule.C("go-like", "-DPOLITE");
        await using var both = await ModuleProxy.StartAsync([upstream.Address], [ModuleProxy.Entry(module, "small"), ModuleProxy.Entry(polite, "small")]);
        Assert.Equal(200, StatusOf(await both.SendAsync(Get)));
        Assert.Equal((0, 2), (BuiltModule.Ask(polite, "golike_blocked"), BuiltModule.Ask(polite, "golike_open")));
        Assert.Equal((6, 0), (BuiltModule.Ask(module, "golike_blocked"), BuiltModule.Ask(module, "golike_open")));
    }

    [CompilerFact("gcc")]
    public async Task The_process_lives_through_a_storm_of_the_suspension_signal_and_collections()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProcess.StartAsync(upstream.Address, ModuleProxy.Entry(BuiltModule.C("go-like"), "storm"));
        await proxy.LoadAsync(Get, Waiting);
    }

    [GoModuleFact]
    public async Task A_Go_module_lives_through_a_storm_of_the_suspension_signal_and_collections()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProcess.StartAsync(
            upstream.Address, ModuleProxy.Entry(GoModuleFactAttribute.File!, "auth", "\"x-auth\""), ModuleProxy.Entry(GoModuleFactAttribute.File!, "delay"));
        using var storm = SignalStorm.Begin(proxy.Id);
        await proxy.LoadAsync(
            "GET / HTTP/1.1\r\nhost: x\r\nx-auth: y\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: x\r\nx-auth: y\r\ndo-delay: 1\r\n\r\n");
        Assert.True(storm.Sent > 0, "no signal was sent");
    }

    [GoModuleFact]
    public async Task Mistakes_that_the_processor_reports_stay_exceptions_beside_a_Go_module()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProcess.StartAsync(upstream.Address, ModuleProxy.Entry(GoModuleFactAttribute.File!, "auth", "\"x-auth\""));
        foreach (var (fault, name) in new[] { ("null", "NullReferenceException"), ("zero", "DivideByZeroException") })
        {
            for (int i = 0; i < 20; i++)
            {
                string response = await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: x\r\nx-auth: y\r\nx-fault: {fault}\r\n\r\n");
                Assert.Contains($"x-caught: {name}\r\n", response, StringComparison.Ordinal);
            }
        }

        // SIGRTMIN is bit 33.
        Assert.All(proxy.BlockedSignalsOfLoops(), blocked => Assert.Equal(0UL, blocked & (1UL << 33)));
    }

    [Fact]
    public void Every_callback_begins_by_looking_at_whose_thread_it_is_on()
    {
        var enter = typeof(CallbackGuard).GetMethod(nameof(CallbackGuard.Enter), BindingFlags.Static | BindingFlags.NonPublic)!;
        var callbacks = typeof(CallbackGuard).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>() is not null)
            .ToList();
        Assert.True(callbacks.Count > 100, $"{callbacks.Count} callbacks");
        Assert.Empty(callbacks.Where(method => FirstCall(method) != enter).Select(method => method.Name));
    }

    // "call" with its token, after nothing but "nop".
    private static MethodBase? FirstCall(MethodInfo method)
    {
        byte[] code = method.GetMethodBody()!.GetILAsByteArray()!;
        int at = Array.FindIndex(code, instruction => instruction != 0);
        return code[at] == 0x28 ? method.Module.ResolveMethod(BitConverter.ToInt32(code, at + 1)) : null;
    }
}
