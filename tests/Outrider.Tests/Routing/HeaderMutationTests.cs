using Outrider.Http.Messages;
using Outrider.Proxy.Routing;
using static Outrider.Tests.Routing.RouterFixture;

namespace Outrider.Tests.Routing;

public class HeaderMutationTests
{
    [Fact]
    public void The_route_changes_headers_first_then_the_virtual_host_then_the_router()
    {
        RouterTable table = Hosts($$"""
            {
              "name": "h", "domains": ["*"], {{Add("request", "x", "host")}}, {{Add("response", "y", "host")}},
              "routers": [{"match": {"prefix": "/"}, "route": {"cluster_name": "a", {{Add("request", "x", "route")}}, {{Add("response", "y", "route")}} } }]
            }
            """, $", {Add("request", "x", "router")}, {Add("response", "y", "router")}");
        RequestHead request = Request();
        var response = new ResponseHead();
        Route route = table.Match(request)!;
        route.ApplyToRequest(request);
        route.ApplyToResponse(response);

        Assert.Equal(["x: route,host,router"], Lines(request.Fields));
        Assert.Equal(["y: route,host,router"], Lines(response.Fields));
    }

    [Fact]
    public void A_later_step_removes_what_an_earlier_one_added()
        => Assert.Equal([], Requested(Add("request", "x", "1") + """, "request_headers_to_remove": ["X"]"""));

    [Fact]
    public void Appending_joins_the_value_that_is_there_with_a_comma()
        => Assert.Equal(["X-List: a,b"], Requested(Add("request", "x-list", "b"), ("X-List", "a")));

    [Fact]
    public void Appending_to_a_repeated_header_loses_none_of_its_values()
        => Assert.Equal(["x: a", "x: b,c"], Requested(Add("request", "x", "c"), ("x", "a"), ("x", "b")));

    [Fact]
    public void Appending_to_an_empty_value_sets_it()
        => Assert.Equal(["x: a"], Requested(Add("request", "x", "a"), ("x", "")));

    [Fact]
    public void Without_append_all_values_are_replaced_by_one()
        => Assert.Equal(["x: c"], Requested(Add("request", "x", "c", append: false), ("x", "a"), ("X", "b")));

    [Fact]
    public void Removing_takes_every_field_of_that_name_in_any_case()
        => Assert.Equal(["y: 1"], Requested(""" "request_headers_to_remove": ["x-secret"] """, ("X-Secret", "1"), ("y", "1"), ("x-secret", "2")));

    [Fact]
    public void A_cookie_is_set_beside_the_others_for_a_comma_would_spoil_both()
    {
        var response = new ResponseHead();
        response.Fields.Add("set-cookie"u8, "a=1"u8);
        RouteWith(Add("response", "Set-Cookie", "b=2")).ApplyToResponse(response);

        Assert.Equal(["set-cookie: a=1", "set-cookie: b=2"], Lines(response.Fields));
    }

    [Fact]
    public void Adding_host_sets_the_authority()
    {
        RequestHead request = Request();
        RouteWith(Add("request", "Host", "other.example")).ApplyToRequest(request);

        Assert.Equal("other.example", Text(request.Authority));
        Assert.Equal(0, request.Fields.Count);
    }

    [Theory]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Content-Length", "5")]
    [InlineData("Connection", "close")]
    public void Fields_that_frame_a_message_cannot_be_added(string name, string value)
        => Assert.Equal([], Requested(Add("request", name, value)));

    [Fact]
    public void A_direct_response_gets_the_headers_of_its_virtual_host()
    {
        var response = new ResponseHead();
        Routes("""{"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": "hi"}}""", ", " + Add("response", "y", "1"))
            .Match(Request())!.ApplyToResponse(response);

        Assert.Equal(["y: 1"], Lines(response.Fields));
    }

    private static string Add(string side, string name, string value, bool append = true)
        => $$$""" "{{{side}}}_headers_to_add": [{"header": {"key": "{{{name}}}", "value": "{{{value}}}"}, "append": {{{(append ? "true" : "false")}}}}] """;

    private static Route RouteWith(string action)
        => Routes($$"""{"match": {"prefix": "/"}, "route": {"cluster_name": "a", {{action}} } }""").Match(Request())!;

    private static string[] Requested(string action, params (string, string)[] fields)
    {
        RequestHead request = Request(fields: fields);
        RouteWith(action).ApplyToRequest(request);
        return Lines(request.Fields);
    }
}
