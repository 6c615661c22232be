using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Docs;

/// <summary>Every piece of configuration in the pages is one that <c>check</c> takes.</summary>
public sealed class SnippetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-docs-").FullName;

    public static TheoryData<string, int, string> Snippets()
    {
        var data = new TheoryData<string, int, string>();
        foreach (var page in Page.All)
        {
            foreach (var (line, text) in page.Blocks("json"))
            {
                data.Add(page.Name, line, text);
            }
        }

        return data;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Snippets))]
    public async Task It_is_taken_without_a_word(string page, int line, string text)
    {
        string json = Whole(text);
        using var document = JsonDocument.Parse(json);
        if (Configuration(document.RootElement) is not { } configuration)
        {
            // A line of a log: that it is JSON is what the page says of it.
            Assert.True(document.RootElement.TryGetProperty("time", out _), $"{page}:{line} has no place in a configuration: {text}");
            return;
        }

        Prepare();
        string file = Path.Combine(_folder, "mosn.json");
        await File.WriteAllTextAsync(file, configuration);

        // Beside the file, where the paths of the pages lead.
        using var check = OutriderProcess.StartIn(_folder, "dotnet", OutriderProcess.ProgramFile, "check", "-c", file);
        int code = await check.ExitAsync();

        string[] said = [.. check.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        if (json.Contains("\"loader\"", StringComparison.Ordinal))
        {
            // The plugin that it asks is the reader's own.
            Assert.All(said, problem => Assert.Contains("plugin", problem, StringComparison.Ordinal));
            return;
        }

        if (json.Contains("\"basic-auth\"", StringComparison.Ordinal))
        {
            // The filter of a sample, which is not built here.
            Assert.All(said, problem => Assert.Contains("'basic-auth'", problem, StringComparison.Ordinal));
            return;
        }

        Assert.True(code == 0 && said.Length == 0, $"{page}:{line}: {check.Error}\n{configuration}");
    }

    // Dots stand for what every configuration has.
    private static string Whole(string text)
    {
        text = text.Trim()
            .Replace("\"servers\": [ ... ]", "\"servers\": \"…\"", StringComparison.Ordinal)
            .Replace("\"filters\": [ … ]", "\"filters\": [{ \"type\": \"proxy\", \"config\": { \"router_config_name\": \"r\" } }]", StringComparison.Ordinal);
        return text[0] == '"' ? $"{{{text}}}" : text;
    }

    private static string? Configuration(JsonElement snippet)
    {
        var keys = snippet.EnumerateObject().Select(property => property.Name).ToHashSet();
        string own = string.Join(',', snippet.EnumerateObject().Where(property => property.Name != "servers").Select(property => property.ToString()));
        string whole = snippet.GetRawText();
        return keys switch
        {
            _ when keys.Contains("extensions") || keys.Contains("admin") => Document(root: own),
            _ when keys.Contains("stream_filters") => Document(listener: own),
            _ when keys.Contains("log_format") => Document(listener: $"\"access_logs\": [{{ \"log_path\": \"access.log\", {own} }}]"),
            _ when keys.Contains("tls_context") && !keys.Contains("hosts") && !keys.Contains("address") => Document(root: "\"plugin_dir\": \"plugins\"", chain: own),
            _ when keys.Contains("match") => Document(route: whole, listener: "\"stream_filters\": [{ \"type\": \"basic-auth\" }]"),
            _ when keys.Contains("header") => Document(router: $"\"request_headers_to_add\": [{whole}]"),
            _ when keys.Contains("hosts") => Document(cluster: whole),
            _ when keys.Contains("address") => Document(others: whole),
            _ when keys.Contains("type") => Document(root: "\"plugin_dir\": \"plugins\"", listener: $"\"stream_filters\": [{whole}]"),
            _ => null,
        };
    }

    private static string Document(string root = "", string listener = "", string chain = "", string router = "", string? route = null, string? cluster = null, string others = "")
    {
        static string Behind(string text) => text.Length == 0 ? "" : ", " + text;
        string name = cluster is null ? "up" : JsonDocument.Parse(cluster).RootElement.GetProperty("name").GetString()!;
        route ??= $$"""{ "match": { "prefix": "/" }, "route": { "cluster_name": "{{name}}" } }""";
        // Without an address there is no reason to bind one of another's.
        others = others.Replace("\"bind_port\": true", "\"bind_port\": true, \"name\": \"other\"", StringComparison.Ordinal);
        return $$"""
            { "servers": [{ "default_log_path": "stdout",
              "routers": [{ "router_config_name": "r"{{Behind(router)}}, "virtual_hosts": [{ "name": "all", "domains": ["*"], "routers": [{{route}}] }] }],
              "listeners": [{ "name": "l", "address": "127.0.0.1:2046", "bind_port": true{{Behind(listener)}},
                "filter_chains": [{ "filters": [{ "type": "proxy", "config": { "router_config_name": "r" } }]{{Behind(chain)}} }] }{{Behind(others)}}] }],
              "cluster_manager": { "clusters": [{{cluster ?? """{ "name": "up", "hosts": [{ "address": "127.0.0.1:8080" }] }"""}}] }{{Behind(root)}} }
            """;
    }

    /// <summary>What the pages' paths name.</summary>
    private void Prepare()
    {
        using var authority = new TestAuthority();
        var certificate = authority.Issue("example.com");
        Write("certs/example.pem", certificate.Pem);
        Write("certs/example.key", certificate.Key);
        Write("certs/internal-ca.pem", authority.Pem);
        using var key = RSA.Create(2048);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        Write("keys.json", $$"""{"keys":[{"kty":"RSA","kid":"1","alg":"RS256","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}","e":"{{Base64Url.EncodeToString(parameters.Exponent)}}"}]}""");
        Write("plugins/checker", "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(_folder, "plugins/checker"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string assembly = Path.Combine(AppContext.BaseDirectory, "Outrider.Plugins.Protocol.dll");
        Write("bin/Release/net10.0/MyFilters.dll", File.ReadAllBytes(assembly));
        Write("filters/MyFilters.dll", File.ReadAllBytes(assembly));
        Write("filters/MyBalancer.dll", File.ReadAllBytes(assembly));
        if (FactWithAttribute.Find("gcc") is not null)
        {
            Write("libexample.so", File.ReadAllBytes(Modules.BuiltModule.Every));
            Write("MyFilters.dll", Libraries.CompiledLibrary.Compile("MyFilters", "[Outrider.Filters.StreamFilter(\"demo\")] public sealed class Demo(Config config) : Outrider.Filters.StreamFilter { public string? User => config.User; } public sealed class Config { public string? User { get; set; } }"));
        }
    }

    private void Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    private void Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }
}
