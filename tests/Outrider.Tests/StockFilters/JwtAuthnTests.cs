using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>jwt_authn</c>.</summary>
public sealed class JwtAuthnTests
{
    private static readonly RSA s_rsa = RSA.Create(2048);
    private static readonly ECDsa s_ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string s_keys = Keys("one");

    // The three parts of a provider and of a rule, in Envoy's spelling of JSON.
    private static readonly string s_config = $$$"""
        {"providers":{"my_own":{"issuer":"me","audiences":["shop"],"localJwks":{"inlineString":{{{JsonSerializer.Serialize(s_keys)}}} },
          "forwardPayloadHeader":"x-payload","claimToHeaders":[{"headerName":"x-user","claimName":"sub"},{"headerName":"x-role","claimName":"more.role"}],"payloadInMetadata":"jwt"} },
        "rules":[{"match":{"prefix":"/open"}},{"match":{"prefix":"/maybe"},"requires":{"requiresAny":{"requirements":[{"providerName":"my_own"},{"allowMissing":{} }]} }},
          {"match":{"prefix":"/any"},"requires":{"allowMissingOrFailed":{} }},{"match":{"path":"/other"},"requires":{"providerAndAudiences":{"providerName":"my_own","audiences":["other"]} }},
          {"match":{"prefix":"/"},"requires":{"providerName":"my_own"} }]}
        """;

    [Fact]
    public async Task A_token_in_order_passes_and_what_it_says_is_told_the_upstream()
    {
        string token = Token();
        string answer = await AskAsync($"authorization: Bearer {token}\r\nx-user: root\r\nx-payload: forged\r\n");
        Assert.Equal(200, StatusOf(answer));
        Assert.Contains("x-user: u1\r\n", BodyOf(answer), StringComparison.Ordinal);
        Assert.Contains("x-role: admin\r\n", BodyOf(answer), StringComparison.Ordinal);
        Assert.Contains($"x-payload: {token.Split('.')[1]}\r\n", BodyOf(answer), StringComparison.Ordinal);
        Assert.DoesNotContain("root", BodyOf(answer), StringComparison.Ordinal);
        Assert.DoesNotContain("authorization", BodyOf(answer), StringComparison.OrdinalIgnoreCase);

        string byQuery = await AskAsync("", $"/p?a=1&access_token={token}");
        Assert.Equal(200, StatusOf(byQuery));
        Assert.Contains("GET /p?a=1 ", BodyOf(byQuery), StringComparison.Ordinal);
        Assert.Equal(200, StatusOf(await AskAsync($"authorization: Bearer {Token(algorithm: "ES256")}\r\n")));
        Assert.Equal(200, StatusOf(await AskAsync($"authorization: Bearer {Token(algorithm: "PS256")}\r\n")));
    }

    [Fact]
    public async Task A_token_that_is_not_in_order_is_refused_with_the_reason()
    {
        string good = Token();
        await RefusedAsync("", 401, "Jwt is missing");
        await RefusedAsync($"authorization: Basic {good}\r\n", 401, "Jwt is missing");
        await RefusedAsync("authorization: Bearer nonsense\r\n", 401, "Jwt is not in the form");
        await RefusedAsync("authorization: Bearer a.b.c\r\n", 401, "Jwt");
        await RefusedAsync($"authorization: Bearer {good[..^6]}AAAAAA\r\n", 401, "Jwt verification fails");
        await RefusedAsync($"authorization: Bearer {Token(issuer: "you")}\r\n", 401, "Jwt issuer is not configured");
        await RefusedAsync($"authorization: Bearer {Token(audience: "bank")}\r\n", 403, "Audiences in Jwt are not allowed");
        await RefusedAsync($"authorization: Bearer {Token(expires: -120)}\r\n", 401, "Jwt is expired");
        await RefusedAsync($"authorization: Bearer {Token(notBefore: 120)}\r\n", 401, "Jwt not yet valid");
        await RefusedAsync($"authorization: Bearer {Token(algorithm: "none")}\r\n", 401, "Jwt verification fails");

        // The public key, taken for the secret of an HMAC.
        await RefusedAsync($"authorization: Bearer {Token(algorithm: "HS256")}\r\n", 401, "Jwt verification fails");
        Assert.Equal(200, StatusOf(await AskAsync($"authorization: Bearer {Token(expires: -20)}\r\n")));
    }

    [Fact]
    public async Task A_secret_that_is_shared_signs_with_HS256_and_with_nothing_else()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(48), other = RandomNumberGenerator.GetBytes(48);
        string keys = JsonSerializer.Serialize($$"""{"keys":[{"kty":"oct","kid":"one","k":"{{Encode(secret)}}"}]}""");
        string config = """{"providers":{"p":{"issuer":"me","localJwks":{"inlineString":""" + keys + """}}},"rules":[{"match":{"prefix":"/"},"requires":{"providerName":"p"}}]}""";
        async Task<int> StatusAsync(string token) => StatusOf(await MirroredAsync("jwt_authn", config, GetWith($"authorization: Bearer {token}\r\n")));

        Assert.Equal(200, await StatusAsync(Token(algorithm: "HS256", secret: secret)));
        Assert.Equal(401, await StatusAsync(Token(algorithm: "HS256", secret: other)));
        Assert.Equal(401, await StatusAsync(Token(algorithm: "none")));
        Assert.Equal(401, await StatusAsync(Token()));
    }

    [Theory]
    [InlineData("/open", "", 200)]
    [InlineData("/maybe", "", 200)]
    [InlineData("/maybe", "good", 200)]
    [InlineData("/maybe", "bad", 401)]
    [InlineData("/any", "bad", 200)]
    [InlineData("/other", "good", 403)]
    [InlineData("/other", "other", 200)]
    [InlineData("/otherwise", "other", 403)]
    public async Task The_first_rule_that_a_request_matches_counts(string path, string kind, int status)
    {
        string fields = kind switch
        {
            "good" => $"authorization: Bearer {Token()}\r\n",
            "bad" => $"authorization: Bearer {Token(expires: -1000)}\r\n",
            "other" => $"authorization: Bearer {Token(audience: "other")}\r\n",
            _ => "",
        };
        Assert.Equal(status, StatusOf(await AskAsync(fields, path)));
    }

    [Fact]
    public async Task The_keys_of_a_server_are_asked_for_and_kept_and_asked_for_again_when_a_new_one_is_used()
    {
        int asked = 0;
        string keys = Keys("old");
        using var issuer = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                Interlocked.Increment(ref asked);
                Assert.StartsWith("GET /keys.json HTTP/1.1\r\n", request, StringComparison.Ordinal);
                await connection.SendAsync(Response(Volatile.Read(ref keys)));
            }
        });
        const string Remote = """{"providers":{"p":{"remote_jwks":{"http_uri":{"uri":"https://issuer.test/keys.json","cluster":"up","timeout":"5s"},"cache_duration":"300s"},"forward":true}},"rules":[{"match":{"prefix":"/"},"requires":{"provider_name":"p"}}]}""";
        await using var proxy = await StockProxy.StartAsync(issuer.Address, $$"""{"type":"jwt_authn","config":{{Remote}} },{"type":"stop"}""", more: registry => registry.Add("stop", _ => new Outrider.Filters.StreamFilterFactory<StopFilter>(() => new StopFilter())));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(204, StatusOf(await proxy.SendAsync(GetWith($"authorization: Bearer {Token(kid: "old")}\r\n"))));
        }

        Assert.Equal(1, asked);
        Assert.Equal(401, StatusOf(await proxy.SendAsync(GetWith($"authorization: Bearer {Token(kid: "old")[..^6]}AAAAAA\r\n"))));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Keys_that_are_not_to_be_had_refuse_and_say_so()
    {
        const string Remote = """{"providers":{"p":{"remoteJwks":{"httpUri":{"uri":"https://issuer.test/keys.json","cluster":"none"}}}},"rules":[{"match":{"prefix":"/"},"requires":{"providerName":"p"}}]}""";
        string answer = await MirroredAsync("jwt_authn", Remote, GetWith($"authorization: Bearer {Token()}\r\n"));
        Assert.Equal(401, StatusOf(answer));
        Assert.Equal("Jwks remote fetch is failed", BodyOf(answer));
    }

    [Theory]
    [InlineData("""{"providers":{"p":{}}}""", "$.providers.p")]
    [InlineData("""{"providers":{"p":{"localJwks":{"inlineString":"{}"}}}}""", "$.providers.p.localJwks")]
    [InlineData("""{"providers":{"p":{"localJwks":{"filename":"/does/not/exist"}}}}""", "$.providers.p.localJwks.filename")]
    [InlineData("""{"providers":{"p":{"remoteJwks":{"httpUri":{"uri":"x","cluster":"a"}}}}}""", "$.providers.p.remoteJwks.httpUri.uri")]
    [InlineData("""{"rules":[{"match":{"prefix":"/"},"requires":{"providerName":"q"}}]}""", "$.rules[0].requires.providerName")]
    [InlineData("""{"rules":[{"match":{},"requires":{"allowMissing":{}}}]}""", "$.rules[0].match")]
    [InlineData("""{"rules":[{"match":{"prefix":"/"},"requires":{}}]}""", "$.rules[0].requires")]
    [InlineData("""{"rules":[{"match":{"prefix":"/"},"requires":{"requires_any":{"requirements":[]}}}]}""", "$.rules[0].requires.requires_any.requirements")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("jwt_authn", config).Path);

    [Fact]
    public void A_key_that_is_misspelt_is_named() => Assert.Contains("isuer", Refusal("jwt_authn", """{"providers":{"p":{"isuer":"a"}}}""").Message, StringComparison.Ordinal);

    private static async Task RefusedAsync(string fields, int status, string text)
    {
        string answer = await AskAsync(fields);
        Assert.Equal(status, StatusOf(answer));
        Assert.StartsWith(text, BodyOf(answer), StringComparison.Ordinal);
        Assert.Equal(status == 401, answer.Contains("www-authenticate: Bearer", StringComparison.Ordinal));
    }

    private static Task<string> AskAsync(string fields, string path = "/") => MirroredAsync("jwt_authn", s_config, GetWith(fields, path));

    private static string Keys(string kid)
    {
        var rsa = s_rsa.ExportParameters(false);
        var point = s_ecdsa.ExportParameters(false).Q;
        return $$"""
            {"keys":[{"kty":"RSA","kid":"{{kid}}","n":"{{Encode(rsa.Modulus!)}}","e":"{{Encode(rsa.Exponent!)}}"},
            {"kty":"EC","kid":"ec","crv":"P-256","x":"{{Encode(point.X!)}}","y":"{{Encode(point.Y!)}}"}]}
            """;
    }

    private static string Token(string issuer = "me", string audience = "shop", int expires = 600, int notBefore = -600, string algorithm = "RS256", string kid = "one", byte[]? secret = null)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string head = Encode(Encoding.UTF8.GetBytes($$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{(algorithm == "ES256" ? "ec" : kid)}}"}"""));
        string body = Encode(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"iss":"{{issuer}}","aud":"{{audience}}","sub":"u1","more":{"role":"admin"},"exp":{{now + expires}},"nbf":{{now + notBefore}}}""")));
        byte[] signed = Encoding.ASCII.GetBytes($"{head}.{body}");
        byte[] signature = algorithm switch
        {
            "RS256" => s_rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "PS256" => s_rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "ES256" => s_ecdsa.SignData(signed, HashAlgorithmName.SHA256),
            "HS256" => HMACSHA256.HashData(secret ?? s_rsa.ExportParameters(false).Modulus!, signed),
            _ => [],
        };
        return $"{head}.{body}.{Encode(signature)}";
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private sealed class StopFilter : Outrider.Filters.StreamFilter
    {
        public override ValueTask<Outrider.Filters.FilterAction> DecodeHeadersAsync(Outrider.Filters.RequestHeaders headers, bool endStream) => Reply(204);
    }
}
