namespace Outrider.Telemetry;

/// <summary>Responses by the class of their status. A part of a loop's counters: the loop alone writes, any thread may read.</summary>
internal struct StatusClassCounts
{
    /// <summary>100 to 199 (an upgrade).</summary>
    public long Informational;

    /// <summary>200 to 299.</summary>
    public long Successful;

    /// <summary>300 to 399.</summary>
    public long Redirected;

    /// <summary>400 to 499.</summary>
    public long ClientErrors;

    /// <summary>500 and above.</summary>
    public long ServerErrors;

    /// <summary>Counts a response; 0, for a stream that had none, counts nowhere.</summary>
    public void Count(int status)
    {
        switch (status)
        {
            case >= 500:
                ServerErrors++;
                break;
            case >= 400:
                ClientErrors++;
                break;
            case >= 300:
                Redirected++;
                break;
            case >= 200:
                Successful++;
                break;
            case >= 100:
                Informational++;
                break;
        }
    }

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    public void Add(in StatusClassCounts other)
    {
        Informational += other.Informational;
        Successful += other.Successful;
        Redirected += other.Redirected;
        ClientErrors += other.ClientErrors;
        ServerErrors += other.ServerErrors;
    }
}
