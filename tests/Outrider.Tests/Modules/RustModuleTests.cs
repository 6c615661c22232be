using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Modules;

/// <summary>A module in Rust, linked with BIND_NOW: every callback that it refers to is there when it loads.</summary>
public sealed class RustModuleTests
{
    [CompilerFact("rustc")]
    public async Task It_reads_and_sets_headers()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Rust("every"), "headers");
        Assert.Contains("x-seen: rust saw iron\r\n", await proxy.SendAsync("GET / HTTP/1.1\r\nhost: x\r\nx-in: iron\r\n\r\n"), StringComparison.Ordinal);
    }

    [CompilerFact("rustc")]
    public async Task It_buffers_and_replaces_a_body()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Rust("every"), "reverse");
        Assert.EndsWith("olleh", await proxy.SendAsync(Post("hello")), StringComparison.Ordinal);
        Assert.EndsWith("fedcba", await proxy.SendAsync(PostChunked("abc", "def")), StringComparison.Ordinal);
    }

    [CompilerFact("rustc")]
    public async Task It_answers_itself()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Rust("every"), "reply");
        string response = await proxy.SendAsync(Get);
        Assert.Equal((403, "not today"), (StatusOf(response), BodyOf(response)));
        Assert.Contains("x-own: rust\r\n", response, StringComparison.Ordinal);
    }

    [CompilerFact("rustc")]
    public async Task It_comes_back_from_a_thread_of_its_own()
    {
        using var upstream = Mirror();
        await using var proxy = await ModuleProxy.StartAsync(upstream.Address, BuiltModule.Rust("every"), "wait");
        Assert.Contains("x-event: 42\r\n", await proxy.SendAsync(Get), StringComparison.Ordinal);
    }
}
