using Outrider.Envoy.Streams;

namespace Outrider.Envoy.Hooks;

/// <summary>
/// What every hook of a stream does alike: finds the stream, and keeps exceptions from crossing into Envoy. What a filter
/// throws has been dealt with further in; this is for whatever else goes wrong.
/// </summary>
internal static unsafe class StreamHook
{
    /// <summary>Runs a hook. It may end the stream.</summary>
    /// <param name="module">The stream's handle, as Envoy has it.</param>
    /// <param name="endStream">Envoy's word on whether more is to come; 0 for hooks without one.</param>
    /// <param name="hook">What the hook does.</param>
    /// <param name="failed">The answer after a failure.</param>
    internal static T Run<T>(nint module, byte endStream, delegate*<EnvoyStream, bool, T> hook, T failed)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            return hook(stream, endStream != 0);
        }
        catch (Exception e)
        {
            stream.Filter.LogFailure(e);
            return failed;
        }
        finally
        {
            stream.Leave();
        }
    }

    /// <summary>Runs a hook that Envoy wants no answer to.</summary>
    internal static void Run(nint module, delegate*<EnvoyStream, void> hook)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            hook(stream);
        }
        catch (Exception e)
        {
            stream.Filter.LogFailure(e);
        }
        finally
        {
            stream.Leave();
        }
    }
}
