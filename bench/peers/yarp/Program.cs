// YARP as its documentation starts it, without logs: one route, one cluster, HTTP/1.1 on both sides.
// yarp PORT UPSTREAM-PORT KIND LOG-FOLDER; KIND as in lib/peers.sh: `direct` answers itself, `ipv6` listens on ::1, and
// `log` writes ASP.NET Core's access log (W3C) into LOG-FOLDER.
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

int port = int.Parse(args[0], CultureInfo.InvariantCulture);
string kind = args[2];
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    // Bodies of any length and clients that stall are a part of what is measured.
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.Limits.MinResponseDataRate = null;
    kestrel.Limits.KeepAliveTimeout = TimeSpan.FromHours(1);
    kestrel.AddServerHeader = false;
    kestrel.Listen(kind == "ipv6" ? IPAddress.IPv6Loopback : IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
});
if (kind == "direct")
{
    var direct = builder.Build();
    byte[] answer = "hello world from upstream\n"u8.ToArray();
    direct.Run(context =>
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = answer.Length;
        return context.Response.Body.WriteAsync(answer).AsTask();
    });
    await direct.RunAsync();
    return;
}

var route = new RouteConfig { RouteId = "all", ClusterId = "up", Match = new RouteMatch { Path = "{**rest}" } };
var cluster = new ClusterConfig
{
    ClusterId = "up",
    HttpRequest = new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = TimeSpan.FromHours(1) },
    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{args[1]}/" } },
};
builder.Services.AddReverseProxy()
    .LoadFromMemory([route], [cluster])
    // The others keep the client's Host, or do without X-Forwarded headers, by default: nobody is to add more than the rest.
    .AddTransforms(context => context.UseDefaultForwarders = false);
if (kind == "log")
{
    builder.Services.AddW3CLogging(log =>
    {
        log.LogDirectory = args[3];
        log.FileName = "yarp-access";
        // One file, as the others have.
        log.FileSizeLimit = null;
    });
}

var app = builder.Build();
if (kind == "log")
{
    app.UseW3CLogging();
}

app.MapReverseProxy();
await app.RunAsync();
