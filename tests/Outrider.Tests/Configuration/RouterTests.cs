using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Tests.Configuration;

public class RouterTests
{
    [Theory]
    [InlineData("*", nameof(DomainKind.Default), "", "")]
    [InlineData("*:*", nameof(DomainKind.Default), "", "")]
    [InlineData("*:80", nameof(DomainKind.Wildcard), "", "80")]
    [InlineData("WWW.Example.com", nameof(DomainKind.Exact), "www.example.com", "")]
    [InlineData("www.example.com:8080", nameof(DomainKind.Exact), "www.example.com", "8080")]
    [InlineData("www.example.com:*", nameof(DomainKind.Exact), "www.example.com", "*")]
    [InlineData("*.example.com", nameof(DomainKind.Wildcard), ".example.com", "")]
    [InlineData("*-x.example.com:*", nameof(DomainKind.Wildcard), "-x.example.com", "*")]
    [InlineData("[::1]", nameof(DomainKind.Exact), "[::1]", "")]
    [InlineData("[::1]:80", nameof(DomainKind.Exact), "[::1]", "80")]
    public void Domains_are_taken_apart_as_in_MOSN(string text, string kind, string host, string port)
        => Assert.Equal(new DomainConfiguration(text, Enum.Parse<DomainKind>(kind), host, port), Assert.Single(new Sample { Domains = $"\"{text}\"" }.OneHost().Domains));

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("a.*")]
    [InlineData("a*b")]
    [InlineData("*.a.*")]
    [InlineData("::1")]
    [InlineData("a:b")]
    public void Other_domains_are_errors(string text)
        => Assert.StartsWith("servers[0].routers[0].virtual_hosts[0].domains[0]: found ", new Sample { Domains = $"\"{text}\"" }.Error(), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"a.com\", \"A.com\"")]
    [InlineData("\"*\", \"*:*\"")]
    [InlineData("\"*.a.com\", \"*.a.com\"")]
    public void A_domain_stands_once_in_a_router(string domains)
        => Assert.Equal("servers[0].routers[0].virtual_hosts[0].domains[1]: servers[0].routers[0].virtual_hosts[0].domains[0] is the same domain", new Sample { Domains = domains }.Error());

    [Fact]
    public void The_same_host_with_another_port_is_another_domain()
        => Assert.Equal(3, new Sample { Domains = "\"a.com\", \"a.com:80\", \"a.com:*\"" }.OneHost().Domains.Count);

    [Fact]
    public void A_virtual_host_without_a_domain_is_worth_a_warning()
        => Assert.Contains("will never match", new Sample { Domains = "" }.Warning(), StringComparison.Ordinal);

    [Fact]
    public void Routers_have_unique_names()
    {
        string json = new Sample().ToString().Replace("\"routers\": [{\n", "\"routers\": [{ \"router_config_name\": \"main\" }, {\n", StringComparison.Ordinal);
        Assert.Equal("servers[0].routers[1].router_config_name: another router is named \"main\"",
            Sample.Line(Assert.Single(Assert.Throws<ConfigurationException>(() => Sample.Parse(json)).Problems)));
    }

    [Fact]
    public void Header_mutations_are_read_at_all_three_places()
    {
        const string mutations = """
            "request_headers_to_add": [{ "header": { "key": "X-A", "value": "1" } }, { "header": { "key": "X-B", "value": "" }, "append": false }],
            "request_headers_to_remove": ["x-c"],
            "response_headers_to_add": [{ "header": { "key": "X-D", "value": "a b" }, "append": true }],
            "response_headers_to_remove": ["server", "x-e"]
            """;
        RouterConfiguration router = new Sample
        {
            Router = ", " + mutations,
            VirtualHost = ", " + mutations,
            Route = $$"""
                "route": { "cluster_name": "backend", {{mutations}} }
                """,
        }.OneRouter();
        foreach (HeaderMutations found in (HeaderMutations[])[router.HeaderMutations, router.VirtualHosts[0].HeaderMutations, router.VirtualHosts[0].Routes[0].Action!.HeaderMutations])
        {
            Assert.Equal([new HeaderAddition("X-A", "1", true), new HeaderAddition("X-B", "", false)], found.RequestAdd);
            Assert.Equal(["x-c"], found.RequestRemove);
            Assert.Equal([new HeaderAddition("X-D", "a b", true)], found.ResponseAdd);
            Assert.Equal(["server", "x-e"], found.ResponseRemove);
        }

        Assert.Same(HeaderMutations.None, new Sample().OneRouter().HeaderMutations);
    }

    [Theory]
    [InlineData(""", "request_headers_to_add": [{ "header": { "key": "x y", "value": "1" } }]""", "request_headers_to_add[0].header.key: found the string \"x y\", wanted a header's name (RFC 9110 §5.1)")]
    [InlineData(""", "request_headers_to_add": [{ "header": { "key": "x", "value": "a\r\nb: c" } }]""", "request_headers_to_add[0].header.value: found the string \"a\\r\\nb: c\", wanted a header's value without control characters (RFC 9110 §5.5)")]
    [InlineData(""", "response_headers_to_add": [{ "header": { "value": "1" } }]""", "response_headers_to_add[0].header.key: is missing and required")]
    [InlineData(""", "request_headers_to_add": [{ "header": { "key": "Host", "value": "a b" } }]""", "request_headers_to_add[0].header.value: of Host is a host, with a port or without (RFC 9112 §3.2)")]
    [InlineData(""", "response_headers_to_add": [{}]""", "response_headers_to_add[0].header: is missing and required")]
    [InlineData(""", "request_headers_to_remove": ["a:b"]""", "request_headers_to_remove[0]: found the string \"a:b\", wanted a header's name (RFC 9110 §5.1)")]
    [InlineData(""", "response_headers_to_remove": [5]""", "response_headers_to_remove[0]: found the number 5, wanted a string")]
    public void A_header_that_cannot_be_sent_is_an_error(string json, string error)
        => Assert.Equal("servers[0].routers[0]." + error, new Sample { Router = json }.Error());

    [Theory]
    [InlineData(""", "request_headers_to_add": [{ "header": { "key": "Transfer-Encoding", "value": "chunked" } }]""", "request_headers_to_add[0].header.key")]
    [InlineData(""", "request_headers_to_remove": ["content-length"]""", "request_headers_to_remove[0]")]
    [InlineData(""", "response_headers_to_add": [{ "header": { "key": "connection", "value": "x" } }]""", "response_headers_to_add[0].header.key")]
    [InlineData(""", "response_headers_to_remove": ["Keep-Alive"]""", "response_headers_to_remove[0]")]
    public void A_header_that_frames_a_message_or_belongs_to_one_connection_is_left_alone_and_that_is_said(string json, string path)
    {
        var sample = new Sample { Router = json };
        Assert.Equal($"servers[0].routers[0].{path}: the proxy writes this header itself; the change is left out", sample.Warning());
        Assert.Equal(HeaderMutations.None with { }, sample.OneRouter().HeaderMutations with { });
    }

    [Fact]
    public void A_variable_in_a_header_is_worth_a_warning()
        => Assert.Contains("variables are not supported yet", new Sample { Router = """, "request_headers_to_add": [{ "header": { "key": "x", "value": "%host%" } }]""" }.Warning(), StringComparison.Ordinal);

    [Fact]
    public void Virtual_hosts_may_stand_in_a_directory_of_files()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("b.json", """{ "name": "b", "domains": ["b.com"], "routers": [] }""");
        directory.Write("a.json", """{ "name": "a", "domains": ["a.com"], "routers": [] }""");
        directory.Write("c.txt", "not looked at");
        var sample = new Sample { Router = $", \"virtual_hosts\": [], \"router_configs\": \"{directory.Path}\"" };
        Assert.Equal(["a", "b"], sample.OneRouter().VirtualHosts.Select(v => v.Name));

        directory.Write("c.json", "{\n\"domains\": [5, \"a.com\"] }");
        directory.Write("d.json", "{");
        IReadOnlyList<ConfigurationProblem> problems = sample.Errors();
        Assert.Equal(3, problems.Count);
        Assert.Contains($"{directory.Path}/c.json:2:13: domains[0]: found the number 5, wanted a string", problems.Select(p => p.ToString()));
        Assert.Contains(problems, p => p.JsonPath == "domains[1]" && p.Message.Contains("the same domain", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.File.EndsWith("d.json", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_beside_virtual_hosts_is_an_error_as_in_MOSN()
    {
        using var directory = new TemporaryDirectory();
        Assert.Contains("only one of them", new Sample { Router = $", \"router_configs\": \"{directory.Path}\"" }.Error(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_an_error()
        => Assert.Contains("cannot be read", new Sample { Router = """, "virtual_hosts": [], "router_configs": "/nowhere/at/all" """ }.Error(), StringComparison.Ordinal);
}
