using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>What a module is told outside of the chain's calls. After the stream's end it is told nothing but that.</summary>
internal sealed unsafe partial class ModuleFilter
{
    private bool _ended;

    /// <summary>Is the module told of what happens? Not before it has made its filter, and not once the stream ends.</summary>
    internal bool IsAlive => _module != 0 && !_ended;

    /// <summary>An event that the module scheduled, perhaps on another thread, has come to the loop.</summary>
    internal void OnScheduled(ulong id)
    {
        if (IsAlive && _hooks.Scheduled is not null)
        {
            Enter();
            _hooks.Scheduled(_pointer, _module, id);
            Leave();
            Apply();
        }
    }

    public override bool OnLocalReply(int status, string details)
    {
        if (!IsAlive || _hooks.LocalReply is null)
        {
            return true;
        }

        Enter();
        var answer = _hooks.LocalReply(_pointer, _module, (uint)status, Lent.LendText(details), 0);
        Leave();
        // It is being answered already: an answer of the module's own would be one too many.
        _reply = null;
        return answer != LocalReplyStatus.ContinueAndResetStream;
    }

    public override void OnResponseBlocked()
    {
        if (IsAlive && _hooks.ClientBlocked is not null)
        {
            Enter();
            _hooks.ClientBlocked(_pointer, _module);
            Leave();
            ApplySoon();
        }

        PieceByPiece.OnClientBlocked();
    }

    public override void OnResponseUnblocked()
    {
        if (_answer is { IsClientBlocked: true } && IsAlive && _hooks.ClientWritten is not null)
        {
            Enter();
            _hooks.ClientWritten(_pointer, _module);
            Leave();
            ApplySoon();
        }

        _answer?.OnClientUnblocked();
    }

    public void OnStreamEnding()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _callouts?.Cancel();
        if (_request.WaitsAt != ModuleDirection.Place.Nowhere)
        {
            _request.Complete(FilterAction.Continue);
        }

        if (_response.WaitsAt != ModuleDirection.Place.Nowhere)
        {
            _response.Complete(FilterAction.Continue);
        }
    }

    /// <summary>A line that the module logs in a hook of this stream.</summary>
    internal void Log(StreamLogLevel level, ReadOnlySpan<byte> message)
    {
        var log = Stream.Log;
        if (log.IsEnabled(level))
        {
            log.Write(level, Encoding.UTF8.GetString(message));
        }
    }

    // Told from inside of the chain's work, which may not be turned around.
    private void ApplySoon()
    {
        if (_hasEffects)
        {
            ApplyLater();
        }
    }
}
