using System.Diagnostics;
using System.Text;
using Outrider.StockFilters.Auth;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>basic_auth</c>.</summary>
public sealed class BasicAuthTests
{
    // alice:secret by SHA-1, and bob:secret by openssl passwd -apr1 -salt abcdefgh.
    private const string Config = """{"users":"alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\nbob:$apr1$abcdefgh$SALTED\n","realm":"the \"shop\""}""";

    [Fact]
    public async Task Whoever_is_known_passes_and_others_are_asked()
    {
        Assert.Equal(200, StatusOf(await AskAsync("alice:secret")));
        Assert.Equal(200, StatusOf(await AskAsync("bob:secret")));
        foreach (string wrong in new[] { "alice:Secret", "alice:", "carol:secret", "alice", ":secret", "" })
        {
            string answer = await AskAsync(wrong);
            Assert.Equal(401, StatusOf(answer));
            Assert.Contains("www-authenticate: Basic realm=\"the \\\"shop\\\"\", charset=\"UTF-8\"\r\n", answer, StringComparison.Ordinal);
        }

        Assert.Equal(401, StatusOf(await MirroredAsync("basic_auth", await ConfigAsync(), GetWith(""))));
        Assert.Equal(401, StatusOf(await MirroredAsync("basic_auth", await ConfigAsync(), GetWith("authorization: Bearer x\r\n"))));
        Assert.Equal(401, StatusOf(await MirroredAsync("basic_auth", await ConfigAsync(), GetWith("authorization: Basic ***\r\n"))));
    }

    [Fact]
    public async Task The_upstream_is_told_who_it_is_and_a_client_cannot_say_so()
    {
        string config = (await ConfigAsync()).TrimEnd('}') + ",\"forward_username_header\":\"x-user\",\"hide_credentials\":true}";
        string request = BodyOf(await MirroredAsync("basic_auth", config, GetWith($"x-user: root\r\nauthorization: basic {Encode("alice:secret")}\r\n")));
        Assert.Contains("x-user: alice\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("root", request, StringComparison.Ordinal);
        Assert.DoesNotContain("authorization", request, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("root", BodyOf(await MirroredAsync("basic_auth", config, GetWith("x-user: root\r\n", "/own"), """{"basic_auth":{"disable":true,"forward_username_header":"x-user"}}""")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hash_is_what_openssl_makes()
    {
        foreach (string password in new[] { "secret", "", "a", "0123456789abcdefg", "pässwort", "a longer one, of more than two blocks of sixteen bytes" })
        {
            string hash = await RunAsync("openssl", "passwd", "-apr1", "-salt", "Zx/.09aZ", password);
            Assert.True(PasswordHash.Read(hash)!.Holds(Encoding.UTF8.GetBytes(password)), password);
            Assert.False(PasswordHash.Read(hash)!.Holds(Encoding.UTF8.GetBytes(password + "x")));
        }

        // (printf secretSALT | openssl dgst -sha1 -binary; printf SALT) | base64
        var salted = PasswordHash.Read("{SSHA}8bX4JQDfZqtTfvnQ4ssDmWb17/FTQUxU")!;
        Assert.True(salted.Holds("secret"u8.ToArray()));
        Assert.False(salted.Holds("secreT"u8.ToArray()));
    }

    [Theory]
    [InlineData("{}", "$.users")]
    [InlineData("""{"users":"alice:hunter2"}""", "$.users")]
    [InlineData("""{"users":"alice"}""", "$.users")]
    [InlineData("""{"users":"a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\na:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="}""", "$.users")]
    [InlineData("""{"users_file":"/does/not/exist"}""", "$.users_file")]
    [InlineData("""{"users_file":"/dev/zero"}""", "$.users_file")]
    [InlineData("""{"users":"a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=","realm":"a\nb"}""", "$.realm")]
    [InlineData("""{"users":"a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=","forward_username_header":"connection"}""", "$.forward_username_header")]
    public void What_is_wrong_is_an_error_with_its_path_and_without_the_password(string config, string path)
    {
        var refusal = Refusal("basic_auth", config);
        Assert.Equal(path, refusal.Path);
        Assert.DoesNotContain("hunter2", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(string pair) => await MirroredAsync("basic_auth", await ConfigAsync(), GetWith($"authorization: Basic {Encode(pair)}\r\n"));

    private static async Task<string> ConfigAsync()
        => Config.Replace("$apr1$abcdefgh$SALTED", await RunAsync("openssl", "passwd", "-apr1", "-salt", "abcdefgh", "secret"), StringComparison.Ordinal);

    private static string Encode(string pair) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
