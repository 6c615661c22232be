using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>A reply that the filter is writing. On the stream's worker; after the stream's end, until the filter has let go, elsewhere.</summary>
internal sealed class StreamingReply(EnvoyStream stream, StreamedReply reply)
{
    internal EnvoyReplyWriter Writer { get; } = new(stream);

    /// <summary>Is the filter still writing?</summary>
    internal bool IsRunning { get; private set; }

    internal void Start()
    {
        IsRunning = true;
        stream.OnFilterWaits();
        // Not from within the hook that the filter answered: Envoy goes back to sleep on the request first.
        stream.Scheduler.Post(static state => _ = ((StreamingReply)state!).RunAsync(), this);
    }

    private async Task RunAsync()
    {
        try
        {
            if (!stream.IsOver)
            {
                // Where there is no body, nobody would see what is written.
                bool hasBody = ResponseContent.Of(reply.Status, stream.Request.IsHead).IsAllowed;
                if (!hasBody)
                {
                    stream.OnResponded();
                }

                ReplySender.SendHead(stream, reply, endStream: !hasBody);
                if (hasBody && !stream.IsOver)
                {
                    await reply.Write(Writer);
                }

                Writer.Close();
                if (hasBody && !stream.IsOver)
                {
                    stream.OnResponded();
                    StreamCallbacks.SendData(stream.Pointer, default, endStream: true);
                }
            }
        }
        catch (Exception) when (stream.IsOver)
        {
            // The client has gone: nobody waits for the rest.
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            if (stream.IsOnWorker)
            {
                StreamCallbacks.Reset(stream.Pointer, "outrider_filter_failed"u8);
            }
        }
        finally
        {
            Writer.Close();
            IsRunning = false;
            stream.TryConclude();
        }
    }
}
