using Outrider.Configuration.Model;

namespace Outrider.Plugins.Processes.Supervision;

/// <summary>When a process that ended starts again: after a wait that doubles each time, up to a cap; and after too many ends in a row, not at all.</summary>
internal sealed class RestartPolicy(PluginConfiguration settings)
{
    private int _crashes;

    /// <summary>How many times in a row it has ended.</summary>
    internal int Crashes => _crashes;

    /// <summary>It has ended once more.</summary>
    /// <param name="ran">How long it had run.</param>
    /// <returns>How long to wait before the next start; null for a crash loop.</returns>
    internal TimeSpan? Next(TimeSpan ran)
    {
        _crashes = ran >= settings.StableAfter ? 1 : _crashes + 1;
        if (_crashes >= settings.CrashLimit)
        {
            return null;
        }

        // Past some thirty doublings any wait is longer than any cap.
        double wait = settings.BackOff.TotalMilliseconds * Math.Pow(2, Math.Min(_crashes - 1, 32));
        return TimeSpan.FromMilliseconds(Math.Min(wait, settings.MaxBackOff.TotalMilliseconds));
    }
}
