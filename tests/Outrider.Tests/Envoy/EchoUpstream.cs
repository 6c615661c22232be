using System.Globalization;
using System.Net;
using System.Text;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Envoy;

/// <summary>An upstream that answers with the request as it arrived: its line, its headers, and its body.</summary>
internal sealed class EchoUpstream : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerContext, Task<bool>>? _handler;
    private readonly string _name;

    /// <param name="handler">Answers instead where it says true.</param>
    /// <param name="name">What it says of itself in <c>x-upstream</c>.</param>
    internal EchoUpstream(Func<HttpListenerContext, Task<bool>>? handler = null, string name = "up")
    {
        _handler = handler;
        _name = name;
        Port = OutriderProcess.FreePort();
        _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://*:{Port}/"));
        _listener.Start();
        _ = RunAsync();
    }

    internal int Port { get; }

    /// <summary>Requests that arrived.</summary>
    internal int Count;

    public void Dispose() => _listener.Close();

    private async Task RunAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            Interlocked.Increment(ref Count);
            context.Response.Headers["x-upstream"] = _name;
            if (_handler is null || !await _handler(context))
            {
                var text = new StringBuilder();
                text.Append(CultureInfo.InvariantCulture, $"{context.Request.HttpMethod} {context.Request.RawUrl}\n");
                foreach (string name in context.Request.Headers.AllKeys.OfType<string>())
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name.ToLowerInvariant()}: {context.Request.Headers[name]}\n");
                }

                using var body = new MemoryStream();
                body.Write(Encoding.UTF8.GetBytes(text.Append('\n').ToString()));
                await context.Request.InputStream.CopyToAsync(body);
                context.Response.ContentLength64 = body.Length;
                body.Position = 0;
                await body.CopyToAsync(context.Response.OutputStream);
            }

            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client has gone, or the test is over.
        }
    }
}
