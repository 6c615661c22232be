using System.Text;
using System.Text.RegularExpressions;
using Outrider.Configuration;
using Outrider.Configuration.Json;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Tests.Configuration;

public class LoaderTests
{
    // Every value of this sample is one that a member of the model reads.
    private static readonly string s_full = new Sample
    {
        Root = """, "pid": "p", "extensions": ["a.dll"], "admin": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": 1 } } }""",
        Server = """, "default_log_path": "stdout", "default_log_level": "INFO", "graceful_timeout": "5s", "processor": 1""",
        Listener = """, "network": "tcp", "connection_idle_timeout": "1s", "default_read_buffer_size": 4096, "access_logs": [{ "log_path": "a", "log_format": "b" }], "stream_filters": [{ "type": "t", "config": {} }]""",
        Proxy = """, "name": "n", "downstream_protocol": "Http1", "upstream_protocol": "Auto", "extend_config": { "max_header_count": 1, "header_timeout": "1s", "x_forwarded_for": "off", "generate_request_id": true }""",
        Router = """, "request_headers_to_add": [{ "header": { "key": "k", "value": "v" }, "append": true }], "response_headers_to_remove": ["a"]""",
        Match = """ "prefix": "/", "headers": [{ "name": "a", "value": "b", "regex": true }] """,
        Route = """ "route": { "cluster_name": "backend", "timeout": "1s", "prefix_rewrite": "/", "host_rewrite": "h", "auto_host_rewrite": true, "retry_policy": { "retry_on": true, "retry_timeout": "1s", "num_retries": 1, "status_codes": [500] } } """,
        Cluster = """, "type": "SIMPLE", "lb_type": "LB_RANDOM", "max_request_per_conn": 1, "conn_buffer_limit_bytes": 2048, "connect_timeout": "1s", "idle_timeout": "1s" """,
        Hosts = """{ "address": "127.0.0.1:1", "hostname": "h", "weight": 1 }""",
    }.ToString();

    [Fact]
    public void The_full_sample_is_valid() => Assert.Empty(Sample.Parse(s_full).Warnings);

    [Fact]
    public void A_wrong_type_at_any_place_is_an_error_that_points_at_it()
    {
        ConfigurationDocument document = ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(s_full), "a.json");
        List<ConfigurationNode> nodes = [];
        Collect(document.Root, nodes);
        Assert.True(nodes.Count > 90);
        foreach (ConfigurationNode node in nodes)
        {
            // A number is wrong where an object, an array, text or a word is wanted, an object where a number is.
            string wrong = node.Kind == System.Text.Json.JsonValueKind.Number ? "{ \"wrong\": 1 }" : "-12345";
            string json = Encoding.UTF8.GetString([.. document.Bytes.Span[..node.Start], .. Encoding.UTF8.GetBytes(wrong), .. document.Bytes.Span[node.End..]]);
            var e = Assert.Throws<ConfigurationException>(() => Sample.Parse(json));
            Assert.True(e.Problems.Any(p => p.JsonPath == node.Path && (p.Line, p.Column) == node.Position && p.Message.StartsWith("found ", StringComparison.Ordinal)),
                $"{node.Path} was replaced by {wrong}, and the errors are:\n{e.Message}");
        }
    }

    [Fact]
    public void All_errors_are_collected_in_the_order_of_the_file()
    {
        const string json = """
            {
              "servers": [{
                "default_log_level": "LOUD",
                "graceful_timeout": "soon",
                "listeners": [{
                  "address": "nowhere",
                  "filter_chains": [{ "filters": [{ "type": "proxy", "config": { "router_config_name": "x", "downstream_protocol": "X" } }] }]
                }]
              }],
              "cluster_manager": { "clusters": [{ "hosts": {} }] },
              "admin": 5
            }
            """;
        IReadOnlyList<ConfigurationProblem> problems = Assert.Throws<ConfigurationException>(() => Sample.Parse(json)).Problems;
        Assert.Equal(
            [
                "3:26: servers[0].default_log_level: found the string \"LOUD\", wanted one of FATAL, ERROR, WARN, INFO, DEBUG, TRACE",
                "4:25: servers[0].graceful_timeout: found the string \"soon\", wanted a duration such as \"1s\", \"500ms\" or \"1h30m\"",
                "6:18: servers[0].listeners[0].address: found the string \"nowhere\", wanted ip:port, [ipv6]:port, :port or localhost:port, the port from 0 to 65535",
                "7:92: servers[0].listeners[0].filter_chains[0].filters[0].config.router_config_name: no router is named \"x\"; there is none",
                "7:120: servers[0].listeners[0].filter_chains[0].filters[0].config.downstream_protocol: \"X\" is not supported yet, wanted Http1, Http2, both with a comma between them, Auto, or the name of a codec",
                "10:37: cluster_manager.clusters[0].name: is missing and required",
                "10:48: cluster_manager.clusters[0].hosts: found an object, wanted an array",
                "11:12: admin: found the number 5, wanted an object",
            ],
            problems.Select(p => p.ToString().Replace("/etc/outrider/sample.json:", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_is_read_and_its_folder_is_where_extensions_start()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.Write("o.json", "\uFEFF" + new Sample { Root = """, "extensions": ["x/a.dll"]""" });
        ProxyConfiguration configuration = ConfigurationLoader.Load(path).Configuration;
        Assert.Equal(path, configuration.FilePath);
        Assert.Equal([Path.Combine(directory.Path, "x/a.dll")], configuration.Extensions);
    }

    [Theory]
    [InlineData("/nowhere/at/all.json", "/nowhere/at/all.json: no such file")]
    [InlineData("/tmp", "/tmp: is a directory, not a file")]
    [InlineData("", "configuration: cannot be read: ")]
    [InlineData("a\0b", "cannot be read: ")]
    public void A_file_that_cannot_be_read_is_one_clear_line(string path, string line)
    {
        var e = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Load(path));
        Assert.Contains(line, Assert.Single(e.Problems).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_problem_reads_as_a_link()
    {
        Assert.Equal("a.json:3:7: servers[0]: wrong", new ConfigurationProblem("a.json", "servers[0]", 3, 7, "wrong").ToString());
        // Names are the file's, and a terminal shows them.
        Assert.Equal(
            "a\\u001B[2J.json:3:7: x.\\u202Ey: wrong \\u2028 \\u009B2J", new ConfigurationProblem("a\u001b[2J.json", "x.\u202ey", 3, 7, "wrong \u2028 \u009b2J").ToString());
        Assert.Equal("a.json:3:7: wrong", new ConfigurationProblem("a.json", "", 3, 7, "wrong").ToString());
        Assert.Equal("a.json: wrong", new ConfigurationProblem("a.json", "", 0, 0, "wrong").ToString());
    }

    [Fact]
    public void Whatever_the_bytes_are_nothing_but_a_ConfigurationException_is_thrown()
    {
        byte[] seed = Encoding.UTF8.GetBytes(s_full);
        var random = new Random(20240607);
        string[] tokens = ["null", "{}", "[]", "-1", "0", "1e999", "99999999999999999999", "\"\"", "\"*\"", "true", "\"\\ud800\"", "\"\\u0000\"", ",", "}", "]", "\"", "\uFEFF"];
        for (int round = 0; round < 20_000; round++)
        {
            List<byte> bytes = [.. seed];
            for (int edits = random.Next(1, 4); edits > 0; edits--)
            {
                int at = random.Next(bytes.Count);
                int length = Math.Min(random.Next(0, 12), bytes.Count - at);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, length);
                        break;
                    case 2:
                        bytes.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)]));
                        break;
                    default:
                        bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                        break;
                }
            }

            MustLoadOrRefuse([.. bytes]);
        }
    }

    [Fact]
    public void Whatever_the_values_are_nothing_but_a_ConfigurationException_is_thrown()
    {
        // Values replaced as a whole keep the text valid JSON, and so reach the binders behind the parser.
        string[] values = ["null", "{}", "[]", "[[]]", "[{}]", "[null]", "-1", "0", "1e999", "99999999999999999999", "\"\"", "\"*\"", "\"(\"", "\"%\"", "\"$\"", "\"\\u0000\"", "\":\"", "\"[\"", "\"unix:\"", "\"-\"", "\"1\"", "true"];
        var places = Regex.Matches(s_full, "(?<=[:\\[] ?)(\"[^\"]*\"|\\d+|true|\\{[^{}]*\\}|\\[[^\\[\\]]*\\])");
        var random = new Random(7);
        for (int round = 0; round < 5_000; round++)
        {
            string json = s_full;
            foreach (Match place in places.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).OrderByDescending(m => m.Index))
            {
                json = place.Index + place.Length <= json.Length ? json.Remove(place.Index, place.Length).Insert(place.Index, values[random.Next(values.Length)]) : json;
            }

            MustLoadOrRefuse(Encoding.UTF8.GetBytes(json));
        }
    }

    private static void MustLoadOrRefuse(byte[] json)
    {
        try
        {
            ConfigurationLoader.Parse(json, "fuzz.json");
        }
        catch (ConfigurationException e)
        {
            Assert.NotEmpty(e.Problems);
            Assert.All(e.Problems, p => Assert.True(p.Line > 0 && p.Column > 0 && p.Message.Length > 0));
        }
    }

    private static void Collect(ConfigurationNode node, List<ConfigurationNode> nodes)
    {
        // The bytes of a stream filter's config are its own affair, but that it is an object is ours.
        nodes.Add(node);
        foreach (ConfigurationNode child in node.Members.Select(m => m.Value).Concat(node.Items))
        {
            Collect(child, nodes);
        }
    }
}
