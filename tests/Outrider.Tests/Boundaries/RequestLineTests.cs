using Outrider.Filters;
using Outrider.Tests.Envoy;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Modules;
using Outrider.Tests.Nginx;

namespace Outrider.Tests.Boundaries;

/// <summary>What no client could send no filter can make of a request either, or of one of its own, on any base.</summary>
[Collection(EnvoyCollection.Name)]
public sealed class RequestLineTests(EnvoyModules filters, NginxModule nginxModule)
{
    private const string Answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    // Of its clients, too: it decodes a target before it does anything else.
    private static readonly string[] s_nginxRefuses = ["/100%"];

    private static readonly string[] s_badMethods = ["", "GE T", "G:ET", "CONNECT", "GET / HTTP/1.1\r\nx: y", "G\u00e4T"];
    private static readonly string[] s_badPaths = ["", "a", "http://b/", "/a b", "/a#b", "/\0", "/\u007f", "/\t", "*", "*/a", "?a", "/ HTTP/1.1\r\nx: y"];
    private static readonly string[] s_badHosts = ["", "a b", "u@a", "a:b", "a:1:2", "a:99999", "[::1", "[zz]", "a%zz", "a/c", "a?b", "a#b", "a\"b", "\u00e4", "a\r\nx: y"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_our_proxy(bool strict)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [new StreamFilterFactory<LineFilter>(() => new())], strict ? "\"strict_target\": true" : "");

        await RunAsync(proxy.Port, strict);
    }

    [EnvoyFact]
    public async Task Inside_Envoy()
    {
        string module = await filters.PublishAsync("tests/modules/test-filters");
        using var upstream = RawUpstream.Answering(Answer);
        using var envoy = await EnvoyProcess.StartAsync(filters, upstream.Port, [EnvoyYaml.Filter(module, "line")]);

        await RunAsync(envoy.Port, strict: false);
    }

    [NginxFact]
    public async Task Inside_nginx()
    {
        string module = nginxModule.Place(Path.Combine(filters.Folder, $"lib{await filters.PublishAsync("tests/modules/test-filters")}.so"));
        using var upstream = RawUpstream.Answering(Answer);
        using var nginx = await StartNginxAsync(module, "line", upstream);

        await RunAsync(nginx.Port, strict: false, s_nginxRefuses);
    }

    [CompilerTheory("gcc")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task By_a_module_in_our_proxy(bool strict)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await ModuleProxy.StartAsync(
            [upstream.Address], [ModuleProxy.Entry(BuiltModule.C("line"), "")], strict ? "\"strict_target\": true" : "");

        await RunModuleAsync(proxy.Port, strict);
    }

    [NginxFact]
    public async Task By_a_module_in_nginx()
    {
        using var upstream = RawUpstream.Answering(Answer);
        using var nginx = await StartNginxAsync(nginxModule.Place(BuiltModule.C("line")), "any", upstream);

        await RunModuleAsync(nginx.Port, strict: false, s_nginxRefuses);
    }

    private Task<NginxProcess> StartNginxAsync(string module, string filter, RawUpstream upstream) => NginxProcess.StartAsync(
        nginxModule, $"outrider_module t {module}; upstream up {{ server {upstream.Address}; }}", $"location / {{ outrider_filter t {filter}; proxy_pass http://up; }}");

    private static async Task RunAsync(int port, bool strict, string[]? refusedHere = null)
    {
        var wrong = new List<string>();
        foreach (var (where, value, refused) in Cases(strict, refusedHere).Append(("method-of-asterisk", "GET", true)))
        {
            string request = $"GET / HTTP/1.1\r\nhost: a\r\nx-where: {where}\r\nx-value: {Uri.EscapeDataString(value)}\r\n";
            await TryAsync(port, request, $"{where} '{value}'", refused, wrong);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Of what a module gives, only what may stand in a header can come here as one.
    private static async Task RunModuleAsync(int port, bool strict, string[]? refusedHere = null)
    {
        var wrong = new List<string>();
        foreach (var (where, value, refused) in Cases(strict, refusedHere))
        {
            if (value.Trim() == value && !value.Any(c => c is < ' ' or '\u007f'))
            {
                string name = where is "method" or "path" or "authority" ? ":" + where : where;
                await TryAsync(port, $"GET / HTTP/1.1\r\nhost: a\r\nx-name: {name}\r\nx-value: {value}\r\n", $"{where} '{value}'", refused, wrong);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<(string Where, string Value, bool Refused)> Cases(bool strict, string[]? refusedHere)
    {
        foreach (string before in new[] { "", "callout-" })
        {
            foreach (var (where, bad, good) in new (string, string[], string[])[]
            {
                ("method", s_badMethods, ["PUT", "x-own"]),
                ("path", s_badPaths, ["/a?b=c", "//a", "/%41"]),
                ("authority", s_badHosts, ["b.test", "b.test:81", "[::1]:80", "a_b"]),
                ("host", s_badHosts, ["b.test", "b.test:"]),
            })
            {
                foreach (string value in bad)
                {
                    yield return (before + where, value, true);
                }

                foreach (string value in good)
                {
                    yield return (before + where, value, false);
                }
            }

            foreach (string raw in new[] { "/a[1]", "/{x}|", "/100%" })
            {
                yield return (before + "path", raw, strict || (before.Length == 0 && refusedHere?.Contains(raw) is true));
            }
        }
    }

    private static async Task TryAsync(int port, string request, string what, bool refused, List<string> wrong)
    {
        string answer = await RawClient.ExchangeAsync(port, request + "connection: close\r\n\r\n");
        if (!answer.EndsWith(refused ? "refused" : "taken", StringComparison.Ordinal))
        {
            wrong.Add($"{what}: {answer.ReplaceLineEndings(" ")}");
        }
    }
}
