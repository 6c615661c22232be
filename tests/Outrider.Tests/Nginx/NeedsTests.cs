using Outrider.Tests.Envoy;
using Outrider.Tests.Modules;

namespace Outrider.Tests.Nginx;

/// <summary>A module that says what its filters need is called for that, and nothing else of a response goes through it.</summary>
[Collection(NginxCollection.Name)]
public sealed class NeedsTests(NginxModule modules)
{
    [NginxFact]
    public async Task A_filter_is_called_for_what_it_needs_of_a_response()
    {
        using var nginx = await NginxProcess.StartAsync(
            modules,
            $"outrider_module needs {modules.Place(BuiltModule.C("needs"))}; outrider_module every {modules.Place(BuiltModule.Every)};",
            """
            location /none { outrider_filter needs x 0; return 200 body; }
            location /head { outrider_filter needs x 1; return 200 body; }
            location /all { outrider_filter needs x 3; return 200 body; }
            location /beside { outrider_filter needs x 0; outrider_filter every upper-response; outrider_filter needs x 1; return 200 body; }
            location /file { outrider_filter needs x 0; sendfile on; try_files /file.txt =404; }
            location /empty { outrider_filter needs x 0; return 204; }
            """);
        await File.WriteAllTextAsync(Path.Combine(nginx.Folder, "file.txt"), new string('f', 300_000));
        foreach (var (path, head, body) in new[] { ("/none", "", "body"), ("/head", "h", "body"), ("/all", "h", "bodyb"), ("/beside", "h", "BODY"), ("/file", "", new string('f', 300_000)), ("/empty", "", "") })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                using var response = await nginx.SendAsync(method, path, null);
                Assert.Equal((path, head), (path, response.Headers.TryGetValues("x-ran", out var ran) ? ran.Single() : ""));
                Assert.Equal((path, method == HttpMethod.Get ? body : ""), (path, await response.Content.ReadAsStringAsync()));
            }
        }

        Assert.DoesNotMatch(@"\[(alert|crit|emerg)\]", nginx.Log);
    }
}
