using System.Buffers;
using System.Net;
using System.Text;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Addresses;

namespace Outrider.Proxy.Admin;

/// <summary>One request to the admin API, and its answer. On the connection's loop.</summary>
/// <param name="connection">The connection.</param>
internal sealed class AdminStream(AdminConnection connection) : ServerStream
{
    private readonly ResponseHead _response = new();
    private ArrayBufferWriter<byte>? _body;
    private AdminRequest? _request;
    private int _maxBody;
    private bool _ended;

    private AdminApi Api => connection.Api;

    /// <inheritdoc/>
    public override void OnBegin()
    {
    }

    /// <inheritdoc/>
    public override void OnRequestHead(bool endStream)
    {
        int status = AdminRequestReader.Read(Request, out var request);
        if (status != 0)
        {
            Answer(AdminResponse.Text($"{Encoding.Latin1.GetString(Http.V1.StatusReasons.For(status))}\n", status));
        }
        else if (Api.Access.Refuse(request, Local()) is { } refusal)
        {
            Answer(refusal);
        }
        else
        {
            _request = request with { HasToken = Api.Access.WantsToken, IsForeign = !Api.Access.AllowsRemote && !Api.Access.WantsToken && !IsLocal(Transport.RemoteAddress) };
            _maxBody = Api.Handlers.Find(request.Path)?.MaxBody ?? 0;
            if (endStream)
            {
                Handle();
            }
            else if (_maxBody > 0 && Request.ContentLength > _maxBody)
            {
                Answer(AdminResponse.Text($"{request.Path} takes {_maxBody} bytes at most\n", 413));
            }
            else if (_maxBody == 0)
            {
                // There is no such page, whatever is sent to it.
                Handle();
            }
            else
            {
                Connection.SendContinue();
            }
        }
    }

    /// <inheritdoc/>
    public override void OnRequestData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_ended || _request is null)
        {
            return;
        }

        (_body ??= new ArrayBufferWriter<byte>()).Write(data);
        if (endStream)
        {
            Handle();
        }
    }

    /// <inheritdoc/>
    public override void OnRequestTrailers()
    {
        if (!_ended)
        {
            Handle();
        }
    }

    /// <inheritdoc/>
    public override void OnRequestReset(ResetReason reason, ProtocolError? error)
    {
        if (error is not null && !_ended)
        {
            Answer(AdminResponse.Text(Encoding.UTF8.GetString(error.Text.Span), error.Status));
        }

        End();
    }

    /// <inheritdoc/>
    public override void OnResponseBlocked()
    {
    }

    /// <inheritdoc/>
    public override void OnResponseWritten()
    {
    }

    // What this machine's own addresses reach is as foreign as any other: it may be somebody's who was let in from elsewhere.
    private static bool IsLocal(PeerAddress peer) => peer.IsUnix || (peer.IsKnown && IPAddress.IsLoopback(peer.ToEndPoint().Address is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : peer.ToEndPoint().Address));

    private IPAddress Local() => Transport.LocalAddress is { IsKnown: true, IsUnix: false } address ? address.ToEndPoint().Address : IPAddress.Loopback;

    // Pages are made where nothing else waits: on the API's own loop, or on a thread of the pool.
    private void Handle()
    {
        connection.OnRequest();
        var request = _request! with { Body = _body?.WrittenMemory ?? default };
        _request = null;
        if (Api.Own == Transport.Loop)
        {
            _ = AnswerAsync(request);
        }
        else
        {
            var loop = Transport.Loop;
            _ = Task.Run(async () =>
            {
                var response = await WorkAsync(request).ConfigureAwait(false);
                loop.Post(_ => Answer(response), null);
            });
        }
    }

    // What waits comes back to the loop by its synchronization context.
    private async Task AnswerAsync(AdminRequest request)
    {
        var loop = Transport.Loop;
        var response = await WorkAsync(request).ConfigureAwait(true);
        if (loop.IsCurrent)
        {
            Answer(response);
        }
        else
        {
            loop.Post(_ => Answer(response), null);
        }
    }

    private async Task<AdminResponse> WorkAsync(AdminRequest request)
    {
        await Api.AtWork.WaitAsync().ConfigureAwait(true);
        try
        {
            return await Api.Handlers.HandleAsync(request).ConfigureAwait(true);
        }
        finally
        {
            _ = Api.AtWork.Release();
        }
    }

    private void Answer(AdminResponse response)
    {
        if (_ended)
        {
            return;
        }

        connection.OnAnswer(response.Body.Length);
        _response.Status = response.Status;
        _response.Fields.AddText("content-type", response.ContentType);
        _response.Fields.Add("x-content-type-options"u8, "nosniff"u8);
        if (response.Allow is { } allow)
        {
            _response.Fields.AddText("allow", allow);
        }

        if (response.FileName is { } name)
        {
            _response.Fields.AddText("content-disposition", $"attachment; filename=\"{name}\"");
        }

        if (response.Challenge is { } challenge)
        {
            _response.Fields.AddText("www-authenticate", challenge);
        }

        _response.Framing = BodyFraming.Length;
        _response.ContentLength = response.Body.Length;
        bool withBody = response.Body.Length > 0 && !AnswersHead;
        Connection.SendHead(_response, endStream: !withBody);
        if (withBody)
        {
            Connection.SendData(response.Body.Span, endStream: true);
        }

        End();
    }

    private void End()
    {
        if (!_ended)
        {
            _ended = true;
            Connection.EndStream(this);
        }
    }
}
