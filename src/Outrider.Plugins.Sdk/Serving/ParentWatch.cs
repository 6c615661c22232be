using System.Runtime.InteropServices;

namespace Outrider.Plugins.Sdk.Serving;

/// <summary>
/// Tells when the process that started this one has gone. A proxy kills its plugins when it ends, and the kernel does where
/// the proxy asked it to; this is for the proxies that did neither.
/// </summary>
internal sealed partial class ParentWatch : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    // Long enough for the calls that run to end.
    private static readonly TimeSpan s_lastMoment = TimeSpan.FromSeconds(5);

    private readonly int _parent = GetParent();
    private readonly Action _onGone;
    private readonly Timer _timer;
    private int _told;

    internal ParentWatch(Action onGone)
    {
        _onGone = onGone;
        _timer = new Timer(_ => Look(), null, s_interval, s_interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        // An orphan is adopted by another process.
        if (GetParent() == _parent || Interlocked.Exchange(ref _told, 1) != 0)
        {
            return;
        }

        _onGone();
        // Whatever the plugin's own code still does, nobody is left to do it for.
        Thread.Sleep(s_lastMoment);
        Environment.Exit(0);
    }

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
