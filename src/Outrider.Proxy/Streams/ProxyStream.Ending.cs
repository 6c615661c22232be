using System.Diagnostics;
using Outrider.Filters;
using Outrider.Hosting.Ends;
using Outrider.Http.Rules;
using Outrider.Proxy.FilterChains;

namespace Outrider.Proxy.Streams;

/// <summary>The end, which comes once: before its time or after the last byte, and whole only when no filter is at work any more.</summary>
internal sealed partial class ProxyStream
{
    /// <summary>Cancelled when the stream ends before its time.</summary>
    internal CancellationToken Aborted => _earlyEnd.Token;

    /// <summary>Did it end before its time?</summary>
    internal bool WasCutOff => _earlyEnd.HasCome;

    /// <summary>What of its time it did not wait for the upstream: up to the request's going out, and from the response's coming in. Once it has ended.</summary>
    internal TimeSpan ProcessTime => Stopwatch.GetElapsedTime(StartedAt, EndedAt)
        - (RequestSentAt == 0 || ResponseReceivedAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(RequestSentAt, ResponseReceivedAt));

    /// <summary>A filter wants the stream to end without an answer.</summary>
    internal void Terminate(string details = "terminated by a filter")
    {
        Details = details;
        Abort(ResponseFlags.None);
    }

    /// <inheritdoc/>
    int IFilterUser.PlaceInUse { get; set; }

    /// <inheritdoc/>
    void IFilterUser.EndEarly(string reason) => Terminate(reason);

    /// <summary>The last of the response has been handed to the client's connection.</summary>
    internal void OnResponseSent()
    {
        if (!_ended)
        {
            End();
        }
    }

    /// <summary>The codec refused the request before it became one.</summary>
    internal void ConcludeUnused()
    {
        _ended = true;
        Conclude();
    }

    /// <summary>The codec refused the request, and tells the client so itself.</summary>
    internal void ConcludeRefused(ProtocolError error)
    {
        _ended = true;
        _refused = error;
        Id = 0;
        EndedAt = Stopwatch.GetTimestamp();
        Details = error.Message;
        BytesOut = error.Text.Length;
        Flags |= RefusedRequest.FlagOf(error);
        _context.CaptureAddresses();
        Site.OnStreamRefused(this);
        Conclude();
    }

    /// <summary>Ends the stream before its time; the client sees that there is no (whole) response.</summary>
    private void Abort(ResponseFlags flags)
    {
        if (_ended)
        {
            return;
        }

        Flags |= flags;
        _earlyEnd.Come();
        Connection.Reset();
        End();
    }

    private void End()
    {
        _ended = true;
        EndedAt = Stopwatch.GetTimestamp();
        Deadline.Stop();
        RequestPath.Close();
        ResponsePath.Close();
        CancelResponse();
        _callouts?.End();
        _context.CaptureAddresses();
        Connection.EndStream(this);
        for (int i = 0; _filters.Set.HasObservers && i < _filters.Count; i++)
        {
            (_filters.At(i) as IStreamObserver)?.OnStreamEnding();
        }

        if (IsFilterWaiting)
        {
            // The filter learns that nobody waits any more, and the stream stays until it has let go.
            _earlyEnd.Come();
            TellOfEarlyEnd();
            return;
        }

        if (_earlyEnd.HasCome)
        {
            TellOfEarlyEnd();
        }

        Conclude();
    }

    private void TellOfEarlyEnd()
    {
        try
        {
            _earlyEnd.Tell();
        }
        catch (AggregateException e)
        {
            Site.OnFilterError(this, "(Aborted)", e);
        }
    }

    private void Conclude()
    {
        if (_concluded)
        {
            return;
        }

        _concluded = true;
        if (_begun)
        {
            _filters.Log(OnFilterThrew);
            Site.OnStreamEnded(this);
            _filters.Destroy(OnFilterThrew);
            _context.DisposeKept();
        }

        RequestPath.Release();
        ResponsePath.Release();
        Exchange.Release();
        _use.End(this);
        Site.Return(this);
    }
}
