using Outrider.Proxy.Admin;
using Outrider.Proxy.Admin.Handlers;

namespace Outrider.Tests.Admin;

/// <summary>What clients on other machines may not do unless the configuration says so.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private readonly FakeAdminSource _source = new();

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData("GET", "/api/v1/stats", 200)]
    [InlineData("GET", "/api/v1/config_dump", 200)]
    [InlineData("GET", "/api/v1/clusters/c/hosts", 200)]
    [InlineData("GET", "/api/v1/env", 403)]
    [InlineData("POST", "/api/v1/clusters/c/hosts", 403)]
    [InlineData("POST", "/api/v1/update_loglevel", 403)]
    [InlineData("POST", "/api/v1/disable_log", 403)]
    [InlineData("POST", "/api/v1/enable_log", 403)]
    public async Task They_may_look(string method, string path, int status)
    {
        var request = new AdminRequest(method, path, [], default) { IsForeign = true };

        Assert.Equal(status, (await BuiltInPages.Of(_source).HandleAsync(request)).Status);
        if (status == 403)
        {
            Assert.NotEqual(403, (await BuiltInPages.Of(_source).HandleAsync(request with { IsForeign = false })).Status);
        }
    }
}
