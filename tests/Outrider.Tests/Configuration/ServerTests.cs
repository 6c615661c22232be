using System.Net;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Tests.Configuration;

public class ServerTests
{
    [Fact]
    public void What_a_file_leaves_out_has_its_default()
    {
        LoadedConfiguration loaded = new Sample().Load();
        Assert.Empty(loaded.Warnings);
        ProxyConfiguration configuration = loaded.Configuration;
        Assert.Null(configuration.Admin);
        Assert.Null(configuration.PidFile);
        Assert.Empty(configuration.Extensions);
        Assert.Equal("/etc/outrider/sample.json", configuration.FilePath);
        Assert.Equal(new Sample().ToString(), Encoding.UTF8.GetString(configuration.Json.Span));
        ServerConfiguration server = configuration.Server;
        Assert.Equal("stdout", server.DefaultLogPath);
        Assert.Equal(StreamLogLevel.Info, server.DefaultLogLevel);
        Assert.Equal(TimeSpan.FromSeconds(30), server.GracefulTimeout);
        Assert.Equal(0, server.Processor);
    }

    [Fact]
    public void Every_field_of_the_server_is_read()
    {
        ProxyConfiguration configuration = new Sample
        {
            Server = """, "default_log_path": "/tmp/o.log", "default_log_level": "dEbug", "graceful_timeout": "5s", "processor": 3""",
            Root = """, "pid": "o.pid", "extensions": ["a.dll", "/opt/b.dll", "../c/../d.dll"]""",
        }.Configuration();
        Assert.Equal("/tmp/o.log", configuration.Server.DefaultLogPath);
        Assert.Equal(StreamLogLevel.Debug, configuration.Server.DefaultLogLevel);
        Assert.Equal(TimeSpan.FromSeconds(5), configuration.Server.GracefulTimeout);
        Assert.Equal(3, configuration.Server.Processor);
        Assert.Equal("o.pid", configuration.PidFile);
        Assert.Equal(["/etc/outrider/a.dll", "/opt/b.dll", "/etc/d.dll"], configuration.Extensions);
    }

    [Theory]
    [InlineData("\"auto\"", 0)]
    [InlineData("\"AUTO\"", 0)]
    [InlineData("\"4\"", 4)]
    [InlineData("8", 8)]
    [InlineData("0", 0)]
    [InlineData("null", 0)]
    public void The_number_of_processors_may_be_a_number_or_a_word(string json, int expected)
        => Assert.Equal(expected, new Sample { Server = $", \"processor\": {json}" }.Configuration().Server.Processor);

    [Theory]
    [InlineData("-1")]
    [InlineData("2.5")]
    [InlineData("\"many\"")]
    [InlineData("true")]
    [InlineData("100000")]
    public void Other_numbers_of_processors_are_errors(string json)
        => Assert.StartsWith("servers[0].processor: found ", new Sample { Server = $", \"processor\": {json}" }.Error(), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}", "holds none")]
    [InlineData("""{ "servers": [] }""", "holds none")]
    [InlineData("""{ "servers": null }""", "holds none")]
    [InlineData("""{ "servers": [{}, {}] }""", "holds 2")]
    [InlineData("""{ "servers": 5 }""", "found the number 5, wanted an array")]
    [InlineData("""{ "servers": [5] }""", "found the number 5, wanted an object")]
    [InlineData("[]", "found an array, wanted an object")]
    [InlineData("null", "found null, wanted an object")]
    public void There_is_exactly_one_server(string json, string message)
        => Assert.Contains(message, Assert.Single(Assert.Throws<ConfigurationException>(() => Sample.Parse(json)).Problems).Message, StringComparison.Ordinal);

    [Fact]
    public void A_zero_graceful_timeout_means_the_default_as_in_MOSN()
        => Assert.Equal(TimeSpan.FromSeconds(30), new Sample { Server = """, "graceful_timeout": "0s" """ }.Configuration().Server.GracefulTimeout);

    [Theory]
    [InlineData("""{ "address": { "socket_address": { "port_value": 34901 } } }""", "127.0.0.1", 34901)]
    [InlineData("""{ "address": { "socket_address": { "address": "", "port_value": 0 } } }""", "127.0.0.1", 0)]
    [InlineData("""{ "address": { "socket_address": { "address": "::", "port_value": 1 } } }""", "::", 1)]
    [InlineData("""{ "address": { "socket_address": { "address": "localhost", "port_value": 65535 } } }""", "127.0.0.1", 65535)]
    public void The_admin_address_is_read(string json, string address, int port)
        => Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), new Sample { Root = $", \"admin\": {json}" }.Configuration().Admin!.EndPoint);

    [Theory]
    [InlineData("""{ "address": { "socket_address": { "port_value": 65536 } } }""", "admin.address.socket_address.port_value: found the number 65536, wanted a whole number from 0 to 65535")]
    [InlineData("""{ "address": { "socket_address": { "address": "nowhere" } } }""", "admin.address.socket_address.address: found the string \"nowhere\", wanted an IP address")]
    [InlineData("""{ "address": { "socket_address": 1 } }""", "admin.address.socket_address: found the number 1, wanted an object")]
    public void A_wrong_admin_address_is_an_error(string json, string error) => Assert.Equal(error, new Sample { Root = $", \"admin\": {json}" }.Error());

    [Fact]
    public void An_admin_without_an_address_is_off()
    {
        LoadedConfiguration loaded = new Sample { Root = ", \"admin\": {}" }.Load();
        Assert.Null(loaded.Configuration.Admin);
        Assert.Equal("admin", Assert.Single(loaded.Warnings).JsonPath);
    }

    [Fact]
    public void A_later_step_can_point_at_a_value_by_its_path()
    {
        ProxyConfiguration configuration = new Sample { Root = ",\n\"extensions\": [\n\"a.dll\" ]" }.Configuration();
        Assert.EndsWith(":1: extensions[0]: cannot be loaded", configuration.ProblemAt("extensions[0]", "cannot be loaded").ToString(), StringComparison.Ordinal);
    }
}
