using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.Plugins.Processes.Calls;
using Outrider.Plugins.Text;

namespace Outrider.Plugins.Certificates;

/// <summary>
/// The certificate provider <c>loader</c>: certificate, key and CA come from a plugin in a process of its own. It is asked again
/// from time to time; what is newer is for new connections, and while it does not answer, what was in force stays.
/// </summary>
internal sealed class LoaderProvider : ICertificateProvider
{
    /// <summary>The name that configurations use.</summary>
    internal const string ProviderName = "loader";

    // What is told of a plugin's own words.
    private const int MaxWords = 200;

    private readonly LoaderConfig _config;
    private readonly IPlugin _plugin;
    private readonly Action<string> _warn;
    private readonly CancellationTokenSource _stop = new();

    /// <exception cref="FilterConfigurationException">The configuration is wrong, or there is no such plugin.</exception>
    internal LoaderProvider(CertificateProviderContext context)
    {
        _config = new FilterConfiguration(context.Type, context.ExtendVerify, context.BaseDirectory).Read(LoaderJson.Default.LoaderConfig);
        _plugin = context.Plugins.Register(_config.Plugin, new PluginOptions { Arguments = _config.Args });
        _warn = context.Warn;
    }

    public async ValueTask<CertificateMaterial> StartAsync(Action<CertificateMaterial> renewed, CancellationToken cancellationToken)
    {
        if (_plugin is RegisteredPlugin starting)
        {
            await starting.RunsAsync(_config.StartTime, cancellationToken).ConfigureAwait(false);
        }

        var first = await AskAsync(_config.Time, cancellationToken).ConfigureAwait(false);
        _ = Task.Run(() => RefreshAsync(first, renewed), CancellationToken.None);
        return first;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RefreshAsync(CertificateMaterial before, Action<CertificateMaterial> renewed)
    {
        var token = _stop.Token;
        using var timer = new PeriodicTimer(_config.Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(token).ConfigureAwait(false))
            {
                try
                {
                    var now = await AskAsync(_config.Time, token).ConfigureAwait(false);
                    if (now != before)
                    {
                        before = now;
                        renewed(now);
                    }
                }
                catch (Exception e) when (e is PluginException or FormatException)
                {
                    _warn($"{e.Message}; the certificate in force stays");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed of.
        }
    }

    private async ValueTask<CertificateMaterial> AskAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var response = await _plugin.CallAsync(new PluginRequest { Type = "certificate" }, timeout, cancellationToken).ConfigureAwait(false);
        if (response.Status is not (0 or 1 or (>= 200 and <= 299)))
        {
            throw new FormatException($"the plugin '{_plugin.Name}' refused with status {response.Status}{WordsOf(response.Body.Span)}");
        }

        try
        {
            var loaded = JsonSerializer.Deserialize(response.Body.Span, LoaderJson.Default.LoadedCertificate)
                ?? throw new FormatException($"the plugin '{_plugin.Name}' answered null");
            return new CertificateMaterial(loaded.CertPem, loaded.KeyPem, string.IsNullOrEmpty(loaded.CaPem) ? null : loaded.CaPem) { Source = $"the plugin '{_plugin.Name}'" };
        }
        catch (JsonException e)
        {
            // Not the exception's own message, which may quote what was read.
            throw new FormatException($"the plugin '{_plugin.Name}' did not answer with JSON of cert_pem, key_pem and ca_pem", e);
        }
    }

    // A text that says why; never a key, whatever a plugin sends with a refusal.
    private static string WordsOf(ReadOnlySpan<byte> body)
    {
        string text = Encoding.UTF8.GetString(body).Trim();
        return text.Length == 0 ? ", and did not say why"
            : text.Contains("PRIVATE KEY", StringComparison.Ordinal) || text.Contains("key_pem", StringComparison.Ordinal) ? ", with an answer that is not shown, as it holds a key"
            : ": " + VisibleText.Of(text.Length <= MaxWords ? text : text[..MaxWords] + "…");
    }
}
