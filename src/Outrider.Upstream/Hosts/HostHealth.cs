namespace Outrider.Upstream.Hosts;

/// <summary>
/// Whether requests may go to a host, why, and since when. It is the process's, whatever loop or configuration asks, and a host begins healthy.
/// Read on any thread without a lock; changes are rare, and come from threads that may wait.
/// </summary>
/// <param name="changed">Is told, within the change, whether requests may go there now.</param>
internal sealed class HostHealth(Action<bool> changed)
{
    private const string Unknown = "not checked yet";

    private readonly Lock _changing = new();
    private volatile HostStatus _status = new(HostFailures.None, Unknown, DateTimeOffset.UtcNow);
    private volatile bool _isBeingEjected;
    private int _ejections;
    private long _ejectedAt, _ejectionTime, _healthySince;

    /// <summary>As of now.</summary>
    public HostStatus Status => _status;

    /// <summary>Has it failed its health checks?</summary>
    public bool HasFailedChecks => (_status.Failures & HostFailures.FailedChecks) != 0;

    /// <summary>Is it ejected?</summary>
    public bool IsEjected => (_status.Failures & HostFailures.Ejected) != 0;

    /// <summary>Was enough seen to eject it, and is the ejection being decided on a thread that may wait? Set on loops, which go on meanwhile; the detector's alone.</summary>
    public bool IsBeingEjected
    {
        get => _isBeingEjected;
        set => _isBeingEjected = value;
    }

    /// <summary>How many times its next ejection is to last its base time: it grows with each ejection, and shrinks while the host is well. The detector's alone.</summary>
    public int Ejections
    {
        get => Volatile.Read(ref _ejections);
        set => Volatile.Write(ref _ejections, value);
    }

    /// <summary>When it was ejected, in milliseconds of <see cref="Environment.TickCount64"/>. The detector's alone.</summary>
    public long EjectedAt
    {
        get => Volatile.Read(ref _ejectedAt);
        set => Volatile.Write(ref _ejectedAt, value);
    }

    /// <summary>How long that ejection lasts, in milliseconds. The detector's alone.</summary>
    public long EjectionTime
    {
        get => Volatile.Read(ref _ejectionTime);
        set => Volatile.Write(ref _ejectionTime, value);
    }

    /// <summary>When it last became healthy, in milliseconds of <see cref="Environment.TickCount64"/>; 0 when it has never been anything else.</summary>
    public long HealthySince
    {
        get => Volatile.Read(ref _healthySince);
        set => Volatile.Write(ref _healthySince, value);
    }

    /// <summary>It has failed in that way. False: that was known.</summary>
    public bool Fail(HostFailures failure, string reason) => Change(failure, fails: true, reason);

    /// <summary>It no longer fails in that way. False: that was known.</summary>
    public bool Recover(HostFailures failure, string reason) => Change(failure, fails: false, reason);

    /// <summary>It is as well as was taken for granted, which has its reason from now on. Nothing where there is another already.</summary>
    public void Confirm(string reason)
    {
        if (!ReferenceEquals(_status.Reason, Unknown))
        {
            return;
        }

        lock (_changing)
        {
            if (ReferenceEquals(_status.Reason, Unknown))
            {
                _status = _status with { Reason = reason };
            }
        }
    }

    private bool Change(HostFailures failure, bool fails, string reason)
    {
        lock (_changing)
        {
            var failures = fails ? _status.Failures | failure : _status.Failures & ~failure;
            if (failures == _status.Failures)
            {
                return false;
            }

            if (failures == HostFailures.None)
            {
                HealthySince = Environment.TickCount64;
            }

            _status = new HostStatus(failures, reason, DateTimeOffset.UtcNow);
            changed(failures == HostFailures.None);
            return true;
        }
    }
}
