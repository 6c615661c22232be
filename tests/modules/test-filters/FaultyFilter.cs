using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Fails where <c>x-fault</c> says.</summary>
[StreamFilter("faulty")]
public sealed class FaultyFilter : StreamFilter
{
    private string _where = "";

    /// <inheritdoc/>
    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        _where = headers.GetString("x-fault") ?? "";
        FailIf("headers");
        switch (_where)
        {
            case "late":
                await Task.Delay(10);
                FailIf("late");
                break;
            case "wrong-thread":
                await Task.Delay(10).ConfigureAwait(false);
                headers.Set("x-never", "set");
                break;
            case "void":
                Forget();
                await Task.Delay(30);
                break;
            case "terminate":
                return FilterAction.Terminate;
            default:
                break;
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeDataAsync(BodyBuffer data, bool endStream)
    {
        FailIf("data");
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        FailIf("response");
        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeDataAsync(BodyBuffer data, bool endStream)
    {
        FailIf("response-data");
        if (_where == "longer")
        {
            data.Append("more than was announced"u8);
        }

        return FilterAction.Continue;
    }

    /// <inheritdoc/>
    public override void OnLog() => FailIf("log");

    /// <inheritdoc/>
    public override void OnDestroy() => FailIf("destroy");

    private static async void Forget()
    {
        await Task.Delay(1);
        throw new InvalidTimeZoneException("thrown where nobody waits");
    }

    private void FailIf(string where)
    {
        if (_where == where)
        {
            throw new InvalidTimeZoneException($"thrown on purpose: {where}");
        }
    }
}
