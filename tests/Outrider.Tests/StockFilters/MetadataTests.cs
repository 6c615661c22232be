using System.Globalization;
using System.Text;
using Outrider.Assemblies;
using Outrider.Filters;
using Outrider.StockFilters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>metadata</c>: drivers make labels.</summary>
public sealed class MetadataTests
{
    private const string Unit = """{"meta_data_key":"UNIT","metadata_key":"idc","config":{"unit_key":"uid"}}""";

    [Theory]
    [InlineData("1", "s1")]
    [InlineData("100", "s1")]
    [InlineData("+7", "s1")]
    [InlineData("101", "s2")]
    [InlineData("200", "s2")]
    [InlineData("201", "s3")]
    [InlineData("0", "s3")]
    [InlineData("-5", "s3")]
    [InlineData("99999999999999999999", "s3")]
    public async Task UNIT_makes_a_label_of_an_integer(string uid, string unit)
        => Assert.Contains($"x-mosn-on-envoy-unit: {unit}\r\n", await ForwardedAsync(Unit, $"uid: {uid}\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task A_request_without_the_header_has_no_label_and_a_clients_own_label_is_removed()
    {
        Assert.DoesNotContain("x-mosn-on-envoy-unit", await ForwardedAsync(Unit, "X-Mosn-On-Envoy-Unit: s1\r\n"), StringComparison.OrdinalIgnoreCase);
        string labelled = await ForwardedAsync(Unit, "uid: 150\r\nX-Mosn-On-Envoy-Unit: s1\r\nX-Mosn-On-Envoy-Unit: s3\r\n");
        Assert.Contains("x-mosn-on-envoy-unit: s2\r\n", labelled, StringComparison.Ordinal);
        Assert.Equal(1, CountOf(labelled, "x-mosn-on-envoy-unit"));
    }

    [Fact]
    public async Task Without_the_header_set_the_label_is_metadata_alone()
    {
        const string Quiet = """{"meta_data_key":"UNIT","set_header":false}""";
        string request = await ForwardedAsync(Quiet, "userid: 5\r\nx-mosn-on-envoy-unit: s3\r\n", more: ",{\"type\":\"show\"}");
        Assert.Equal(0, CountOf(request, "x-mosn-on-envoy-unit"));
        Assert.Contains("x-labels: s1 s1\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_label_is_in_both_namespaces_under_the_key_that_was_given()
        => Assert.Contains("x-idc: s2 s2\r\n", await ForwardedAsync(Unit, "uid: 101\r\n", more: ",{\"type\":\"show\"}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("one")]
    [InlineData("1x")]
    [InlineData("1.5")]
    [InlineData("-")]
    public async Task A_driver_that_cannot_tell_costs_a_line_a_count_and_the_label(string uid)
    {
        string log = Path.Combine(Path.GetTempPath(), $"outrider-test-{Guid.NewGuid():n}.log");
        using var upstream = RawUpstream.Answering(Response("here"));
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"metadata","config":{"metadataers":[{{Unit}}]} }""", log);

        // The counter is the process's: other proxies of these tests count there too.
        int before = await FailuresAsync(proxy);

        Assert.Equal(200, StatusOf(await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\nuid: {uid}\r\n\r\n")));

        await Eventually.HoldsAsync(() => proxy.Log.Contains("no label of UNIT", StringComparison.Ordinal));
        Assert.Equal(1, CountOf(proxy.Log, "no label of UNIT"));
        Assert.Equal(before + 1, await FailuresAsync(proxy));
    }

    [Fact]
    public async Task Disabled_it_touches_nothing()
    {
        string request = await ForwardedAsync(Unit, "uid: 5\r\nx-mosn-on-envoy-unit: s9\r\n", settings: "\"disable\":true,");
        Assert.Contains("x-mosn-on-envoy-unit: s9\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_driver_of_ones_own_is_found_by_its_name()
    {
        const string Body = """{"meta_data_key":"BODY","config":{"prefix":"Q"}}""";
        const string Chunked = "transfer-encoding: chunked\r\n";
        string request = await ForwardedAsync(Body, Chunked, "5\r\nHello\r\n0\r\nx-end: Z\r\n\r\n");
        Assert.Contains("x-mosn-on-envoy-body: q-hello-z\r\n", request, StringComparison.Ordinal);
        Assert.Contains("x-mosn-on-envoy-body: q-none\r\n", await ForwardedAsync(Body, ""), StringComparison.Ordinal);

        string exact = await ForwardedAsync(Body, Chunked, "5\r\nHello\r\n0\r\nx-end: Z\r\n\r\n", settings: "\"case_sensitive\":true,");
        Assert.Contains("x-mosn-on-envoy-BODY: Q-Hello-Z\r\n", exact, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_driver_that_throws_costs_the_label_alone()
        => Assert.DoesNotContain("x-mosn-on-envoy", await ForwardedAsync("""{"meta_data_key":"BODY"}""", "content-length: 5\r\n", "throw"), StringComparison.Ordinal);

    [Fact]
    public async Task Each_use_of_a_driver_has_an_object_of_its_own()
    {
        const string Two = """{"meta_data_key":"UNIT","metadata_key":"idc","config":{"unit_key":"a"}},{"meta_data_key":"UNIT","set_header":false,"config":{"unit_key":"b"}}""";
        string request = await ForwardedAsync(Two, "a: 5\r\nb: 150\r\n", more: ",{\"type\":\"show\"}");
        Assert.Contains("x-idc: s1 s1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("x-labels: s2 s2\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IDC_and_ZONE_read_the_first_variable_that_is_not_empty()
    {
        string empty = "OUTRIDER_TEST_EMPTY", set = "OUTRIDER_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(set, "Em14");
        try
        {
            string request = await ForwardedAsync($$"""{"meta_data_key":"IDC","config":{"idc_env_name_list":["{{empty}}","{{set}}"]} },{"meta_data_key":"ZONE","config":{"zone_env_name_list":["{{set}}"]} }""", "");
            Assert.Contains("x-mosn-on-envoy-idc: em14\r\n", request, StringComparison.Ordinal);
            Assert.Contains("x-mosn-on-envoy-zone: em14\r\n", request, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(set, null);
        }
    }

    [Theory]
    [InlineData("""{"metadataers":[{"meta_data_key":"UNI"}]}""", "$.metadataers[0].meta_data_key", "IDC, UNIT, ZONE")]
    [InlineData("""{"metadataers":[{}]}""", "$.metadataers[0].meta_data_key", "needed")]
    [InlineData("""{"metadataers":[{"meta_data_key":"UNIT"},{"meta_data_key":"UNIT","config":{"unit_key":"a b"}}]}""", "$.metadataers[1].config.unit_key", "header name")]
    [InlineData("""{"metadataers":[{"meta_data_key":"UNIT","config":{"unit":"a"}}]}""", "$.metadataers[0].config.unit", "unit")]
    [InlineData("""{"metadataers":[{"meta_data_key":"IDC"}]}""", "$.metadataers[0].config.idc_env_name_list", "needed")]
    [InlineData("""{"metadataers":[{"meta_data_key":"ZONE","config":{"zone_env_name_list":["OUTRIDER_TEST_UNSET"]}}]}""", "$.metadataers[0].config.zone_env_name_list", "OUTRIDER_TEST_UNSET")]
    [InlineData("""{"metadataers":[{"meta_data_key":"UNIT","metadata_key":""}]}""", "$.metadataers[0].metadata_key", "key")]
    [InlineData("""{"disabled":true}""", "$.disabled", "disabled")]
    [InlineData("""{"disable":"yes"}""", "$.disable", "")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path, string message)
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        var problem = Assert.Throws<FilterConfigurationException>(() => registry.Find("metadata")!(new FilterConfiguration("metadata", Encoding.UTF8.GetBytes(config), "/")));
        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static async Task<int> FailuresAsync(TestProxy proxy)
    {
        using var client = new HttpClient();
        string metrics = await client.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics"));
        string? line = metrics.Split('\n').FirstOrDefault(text => text.Contains("metadata_failures", StringComparison.Ordinal) && text.Contains("driver=\"UNIT\"", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private static int CountOf(string text, string part) => text.Split(part, StringSplitOptions.None).Length - 1;

    /// <summary>The request's head as the upstream gets it.</summary>
    private static async Task<string> ForwardedAsync(string metadataers, string fields, string body = "", string settings = "", string more = "")
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(
            upstream.Address,
            $$"""{"type":"metadata","config":{{{settings}}"metadataers":[{{metadataers}}]} }{{more}}""",
            more: registry =>
            {
                registry.Add("show", _ => new StreamFilterFactory<ShowFilter>(() => new ShowFilter()));
                // As an extension's are found.
                AssemblyParts.Find(typeof(BodyDriver).Assembly, registry).Single(part => part.Name == "BODY").Register();
            });
        string method = body.Length == 0 ? "GET" : "POST";
        return BodyOf(await proxy.SendAsync($"{method} / HTTP/1.1\r\nhost: a\r\n{fields}\r\n{body}"));
    }

    private sealed class ShowFilter : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            headers.Set("x-idc", $"{Stream.Metadata.GetText("mosn.lb", "idc")} {Stream.Metadata.GetText("envoy.lb", "idc")}");
            headers.Set("x-labels", $"{Stream.Metadata.GetText("mosn.lb", "unit")} {Stream.Metadata.GetText("envoy.lb", "unit")}");
            return FilterAction.Continue;
        }
    }
}
