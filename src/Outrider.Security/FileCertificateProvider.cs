using System.Text;
using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Security;

/// <summary>
/// The provider for contexts without a <c>type</c>: <c>cert_chain</c>, <c>private_key</c> and <c>ca_cert</c> are files, or PEM
/// texts. Files are looked at every <see cref="PollMilliseconds"/>; when one has changed, all are read again.
/// </summary>
internal sealed class FileCertificateProvider : ICertificateProvider
{
    // Three stat(2) calls: cheap enough to be often, and a person who has replaced a file is still watching.
    internal const int PollMilliseconds = 1000;

    // A chain of ten certificates with large keys has 20 KB; a bundle of all public roots 250 KB.
    private const int MaxFileSize = 16 * 1024 * 1024;

    private readonly TlsConfiguration _configuration;
    private readonly Action<string> _warn;
    private readonly string[] _files;
    private readonly Lock _lock = new();
    private (DateTime, long)[] _stamps = [];
    private Action<CertificateMaterial>? _renewed;
    private Timer? _timer;
    private string? _lastComplaint;
    private bool _disposed;

    internal FileCertificateProvider(TlsConfiguration configuration, Action<string> warn)
    {
        _configuration = configuration;
        _warn = warn;
        _files = [.. new[] { configuration.CertChain, configuration.PrivateKey, configuration.CaCert }
            .Where(value => value.Length > 0 && !IsPem(value)).Select(PathOf).Distinct()];
    }

    public ValueTask<CertificateMaterial> StartAsync(Action<CertificateMaterial> renewed, CancellationToken cancellationToken)
    {
        _stamps = Stamps();
        var material = Read();
        _renewed = renewed;
        if (_files.Length > 0)
        {
            _timer = new Timer(static provider => ((FileCertificateProvider)provider!).Poll(), this, PollMilliseconds, PollMilliseconds);
        }

        return new(material);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private static bool IsPem(string value) => value.Contains("-----BEGIN", StringComparison.Ordinal);

    private string PathOf(string value) => Path.GetFullPath(value, _configuration.BaseDirectory);

    private void Poll()
    {
        if (!_lock.TryEnter())
        {
            // The last look still waits for a slow disk.
            return;
        }

        try
        {
            var stamps = Stamps();
            if (_disposed || stamps.AsSpan().SequenceEqual(_stamps))
            {
                return;
            }

            _stamps = stamps;
            _renewed?.Invoke(Read());
            _lastComplaint = null;
        }
        catch (CertificateLoadException e)
        {
            if (e.Message != _lastComplaint)
            {
                _lastComplaint = e.Message;
                _warn($"{e.Message}; the certificate in force stays");
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    private (DateTime, long)[] Stamps() => Array.ConvertAll(_files, Stamp);

    private static (DateTime, long) Stamp(string path)
    {
        try
        {
            // Links are followed: Kubernetes and certbot renew by pointing one elsewhere.
            var file = new FileInfo(path);
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    private CertificateMaterial Read()
        => new(Text("cert_chain", _configuration.CertChain), Text("private_key", _configuration.PrivateKey), Text("ca_cert", _configuration.CaCert))
        {
            Source = _configuration.CertChain.Length > 0 && !IsPem(_configuration.CertChain) ? PathOf(_configuration.CertChain) : "",
        };

    private string? Text(string key, string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        if (IsPem(value))
        {
            return value;
        }

        string path = PathOf(value);
        try
        {
            if (!path.Contains('\0', StringComparison.Ordinal) && PlainFile.KindOf(path) is not (FileKind.Plain or FileKind.Missing) and var kind)
            {
                throw new CertificateLoadException(key, $"{path} is {PlainFile.Describe(kind)}, not a file");
            }

            return Encoding.UTF8.GetString(PlainFile.Read(path, MaxFileSize));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateLoadException(key, $"{path} does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CertificateLoadException(key, $"{path} cannot be read: permission denied");
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new CertificateLoadException(key, $"{path} cannot be read: {e.Message}");
        }
    }
}
