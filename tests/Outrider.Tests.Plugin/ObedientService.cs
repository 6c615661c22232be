using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Outrider.Plugins.Protocol;
using Outrider.Plugins.Sdk;

namespace Outrider.Tests.Plugin;

/// <summary>Does what the request's header <c>X-Do</c>, or else its type, says: a verb and what belongs to it.</summary>
internal sealed class ObedientService(string[] arguments) : IPluginService
{
    private int _begun;
    private int _cancelled;

    public async ValueTask<Response> CallAsync(Request request, CancellationToken cancellationToken)
    {
        string order = request.Header.TryGetValue("X-Do", out string? header) ? header : request.Type;
        string verb = order.Split(' ')[0], rest = order.Length > verb.Length ? order[(verb.Length + 1)..] : "";
        switch (verb)
        {
            case "echo":
                return new Response { Header = { request.Header }, Trailer = { request.Trailer }, Body = request.Body };
            case "show":
                return Text(200, string.Concat(request.Header.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}\n"))
                    + string.Concat(request.Trailer.Select(p => $"trailer {p.Key}={p.Value}\n")) + $"type={request.Type}\nbody={request.Body.ToStringUtf8()}\n");
            case "status":
                return new Response { Status = Number(rest) };
            case "answer":
                return new Response { Status = Number(rest), Header = { { "X-Answer", "yes" }, { "Content-Length", "99" } }, Body = ByteString.CopyFromUtf8("the plugin's answer") };
            case "set":
                string[] pair = rest.Split('=');
                return new Response { Header = { { pair[0], pair[1] } }, Status = 1 };
            case "delay":
                return await DelayAsync(Number(rest), cancellationToken);
            case "deaf":
                await Task.Delay(Number(rest), CancellationToken.None);
                return new Response();
            case "begun":
                return Text(200, Volatile.Read(ref _begun).ToString(CultureInfo.InvariantCulture));
            case "cancelled":
                return Text(200, Volatile.Read(ref _cancelled).ToString(CultureInfo.InvariantCulture));
            case "throw":
                throw new InvalidOperationException("as ordered: 100 % naïve");
            case "exit":
                Process.GetCurrentProcess().Kill();
                return await DelayAsync(10_000, cancellationToken);
            case "size":
                return new Response { Body = ByteString.CopyFrom(new byte[Number(rest)]) };
            case "pid":
                return Text(0, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            case "certificate":
                // What a proxy asks of a certificate loader: what is done then, the arguments say.
                if (Array.IndexOf(arguments, "--answer-after") is >= 0 and var after)
                {
                    await Task.Delay(Number(arguments[after + 1]), cancellationToken);
                }

                return Array.IndexOf(arguments, "--refuse") is >= 0 and var refuse
                    ? Text(Number(arguments[refuse + 1]), arguments[refuse + 2])
                    : Text(0, "{\"cert_pem\":\"cert\",\"key_pem\":\"key\"}");
            case "environment":
                return Text(0, string.Join('\n', arguments) + "\ncwd=" + Environment.CurrentDirectory + "\n"
                    + string.Join('\n', Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}")));
            case "print":
                Console.WriteLine("out: " + rest);
                await Console.Error.WriteLineAsync("error: " + rest);
                return new Response();
            case "child":
                using (var child = Process.Start("sleep", "1000"))
                {
                    return Text(0, child.Id.ToString(CultureInfo.InvariantCulture));
                }

            default:
                return new Response();
        }
    }

    private async Task<Response> DelayAsync(int milliseconds, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _begun);
        try
        {
            await Task.Delay(milliseconds, cancellationToken);
            return new Response();
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            throw;
        }
    }

    private static Response Text(int status, string text) => new() { Status = status, Body = ByteString.CopyFromUtf8(text) };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
