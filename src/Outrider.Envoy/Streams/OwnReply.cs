using System.Text;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// An answer of the filter's own on its way through the filter's own response side. Envoy keeps a filter from what it
/// answered itself, while in Outrider's proxy every filter sees every response: so it is shown here, before Envoy has it.
/// </summary>
internal sealed class OwnReply(EnvoyStream stream, FilterAction action)
{
    private readonly BodyHold _body = new();

    /// <summary>Is the filter still at work on it?</summary>
    internal bool IsRunning { get; private set; }

    internal void Start(StreamFilter filter)
    {
        IsRunning = true;
        var running = RunAsync(filter);
        if (!running.IsCompleted)
        {
            stream.OnFilterWaits();
        }
    }

    private async Task RunAsync(StreamFilter filter)
    {
        try
        {
            var headers = Fill(action);
            string? details = action.LocalReply?.Details;
            var answer = await PassAsync(filter, headers);
            if (!stream.IsOver)
            {
                switch (answer.Kind)
                {
                    case FilterActionKind.Continue:
                        Send(headers, details);
                        break;
                    case FilterActionKind.Reply when answer.StreamedReply is null:
                        // It takes the place of the first, and is not shown again: that could go on for ever.
                        Send(Fill(answer), answer.LocalReply?.Details);
                        break;
                    case FilterActionKind.Terminate:
                        stream.Terminate();
                        break;
                    default:
                        throw new InvalidOperationException($"{answer} is not an answer to this method, or not in this phase");
                }
            }
        }
        catch (Exception e)
        {
            if (!stream.IsOver)
            {
                stream.Fail(e);
            }
        }
        finally
        {
            _body.Release();
            IsRunning = false;
            stream.TryConclude();
        }
    }

    private async ValueTask<FilterAction> PassAsync(StreamFilter filter, ReplyHeaders headers)
    {
        if ((stream.Methods & StreamFilterMethods.EncodeHeaders) != 0)
        {
            var answer = await filter.EncodeHeadersAsync(filter.See(headers), _body.IsEmpty);
            if (answer.Kind == FilterActionKind.WaitAllData)
            {
                return await filter.EncodeResponseAsync(filter.See(headers), filter.SeeBody(_body, response: true), null);
            }

            if (answer.Kind != FilterActionKind.Continue)
            {
                return answer;
            }
        }

        return (stream.Methods & StreamFilterMethods.EncodeData) != 0 && !_body.IsEmpty ? await filter.EncodeDataAsync(filter.SeeBody(_body, response: true), endStream: true) : FilterAction.Continue;
    }

    private ReplyHeaders Fill(FilterAction given)
    {
        _body.Drain(_body.Length);
        var reply = given.LocalReply;
        var headers = new ReplyHeaders(given.Status, reply?.Headers ?? []);
        if (reply is not null)
        {
            _body.Append(reply.Body.Span);
        }
        else if (!string.IsNullOrEmpty(given.Text))
        {
            _body.Append(Encoding.UTF8.GetBytes(given.Text));
        }

        if (!_body.IsEmpty && ResponseContent.Of(given.Status, isHead: false).IsAllowed && (reply is null || reply.IsText) && !headers.Contains("content-type"u8))
        {
            headers.Set("content-type"u8, "text/plain; charset=utf-8"u8);
        }

        return headers;
    }

    private void Send(ReplyHeaders headers, string? details)
    {
        stream.OnResponded();
        stream.Response.Close();
        using var fields = new ModuleHeaders([]);
        foreach (var field in headers)
        {
            // Envoy writes the length of what it is given.
            if (!Headers.HeaderAccess.Is(field.Name, "content-length"u8))
            {
                fields.Add(field.Name, field.Value);
            }
        }

        ReplySender.Send(stream.Pointer, headers.Status, fields.Span, _body.Span, details is null ? ReplySender.DefaultDetails : Encoding.UTF8.GetBytes(details));
    }
}
