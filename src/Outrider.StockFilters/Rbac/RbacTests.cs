using System.Net;
using System.Text;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Makes the tests that permissions and principals are put together of.</summary>
internal static class RbacTests
{
    /// <summary>All of them hold; there is one at least.</summary>
    internal static RbacTest All(IReadOnlyList<RbacTest> tests) => tests is [var only] ? only : (stream, headers) => tests.All(test => test(stream, headers));

    /// <summary>One of them holds; there is one at least.</summary>
    internal static RbacTest Any(IReadOnlyList<RbacTest> tests) => tests is [var only] ? only : (stream, headers) => tests.Any(test => test(stream, headers));

    /// <summary>The other way round.</summary>
    internal static RbacTest Not(RbacTest test) => (stream, headers) => !test(stream, headers);

    /// <summary>Every request, or none.</summary>
    internal static RbacTest Always(bool holds) => (_, _) => holds;

    /// <summary>The path without the query.</summary>
    internal static RbacTest Path(string path, PathMatcherSettings settings)
    {
        var fits = settings.Path!.Compile(path + ".path");
        return (_, headers) => fits(Encoding.Latin1.GetString(headers.PathWithoutQuery));
    }

    /// <summary>A header, each of its values by itself: a second field must not hide the first (Envoy since 1.37).</summary>
    internal static RbacTest Header(string path, HeaderMatcherSettings settings)
    {
        var fits = settings.Compile(path, eachAlone: true);
        return (_, headers) => fits(headers);
    }

    /// <summary>An address, which is read as text: <c>10.0.0.1:80</c>.</summary>
    internal static RbacTest Address(string path, CidrSettings settings, Func<StreamContext, string> read)
    {
        var network = settings.Read(path);
        return (stream, _) => IPEndPoint.TryParse(read(stream), out var point) && network.Contains(point.Address);
    }

    /// <summary>The port that the client connected to.</summary>
    internal static RbacTest Port(RangeSettings ports) => (stream, _) => IPEndPoint.TryParse(stream.DownstreamLocalAddress, out var point) && ports.Contains(point.Port);

    /// <summary>The name that the client asked for in TLS.</summary>
    internal static RbacTest ServerName(string path, StringMatcherSettings settings)
    {
        var fits = settings.Compile(path);
        return (stream, _) => fits(stream.DownstreamTls?.ServerName ?? "");
    }

    /// <summary>Who the client's certificate is for: any, or one whose name fits. Without TLS and a certificate, nobody.</summary>
    internal static RbacTest Authenticated(string path, AuthenticatedSettings settings)
    {
        if (settings.PrincipalName is not { } name)
        {
            return (stream, _) => stream.DownstreamTls?.PeerCertificate is not null;
        }

        var fits = name.Compile(path + ".principalName");
        return (stream, _) => PeerNames.Of(stream.DownstreamTls).Any(fits);
    }
}
