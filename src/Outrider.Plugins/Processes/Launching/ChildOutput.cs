using System.Text;
using Outrider.Plugins.Text;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>Reads what a child prints, line by line, made visible (<see cref="VisibleText"/>). A line that never ends is cut: what a child prints must not fill our memory.</summary>
internal sealed class ChildOutput(Stream stream)
{
    /// <summary>The most bytes of one line.</summary>
    internal const int MaxBytes = 8192;

    private readonly byte[] _buffer = new byte[MaxBytes];
    private int _start;
    private int _end;

    /// <summary>The next line without its end; null after the last.</summary>
    internal async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (at >= 0)
            {
                return Take(at, skip: 1);
            }

            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }

            if (_end == _buffer.Length)
            {
                return Take(_end, skip: 0);
            }

            int read = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _end > _start ? Take(_end - _start, skip: 0) : null;
            }

            _end += read;
        }
    }

    /// <summary>Hands every line to <paramref name="tell"/> until the end.</summary>
    internal async Task PumpAsync(Action<string> tell)
    {
        while (await ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0)
            {
                tell(line);
            }
        }
    }

    private string Take(int length, int skip)
    {
        string line = Encoding.UTF8.GetString(_buffer, _start, length).TrimEnd('\r');
        _start += length + skip;
        return VisibleText.Of(line);
    }

    private async ValueTask<int> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0;
        }
    }
}
