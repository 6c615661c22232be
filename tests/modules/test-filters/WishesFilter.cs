using System.Globalization;
using System.Text;
using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Tests.Modules;

/// <summary>Asks things of its stream beyond headers and bodies, as the path says.</summary>
[StreamFilter("wishes")]
public sealed class WishesFilter : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        switch (headers.PathString)
        {
            case "/host":
                try
                {
                    Stream.SetUpstreamHost(headers.GetString("x-host")!, headers.Contains("x-strict"u8));
                    return FilterAction.Continue;
                }
                catch (ArgumentException e)
                {
                    return Reply(400, e.Message);
                }

            case "/flags":
                Stream.AddFlag("first");
                Stream.AddFlag("second");
                return FilterAction.Continue;
            case "/limit":
                long before = Stream.BodyLimit;
                Stream.BodyLimit = 4 * before;
                headers.Set("x-limit", string.Create(CultureInfo.InvariantCulture, $"{before} {Stream.BodyLimit}"));
                return FilterAction.WaitAllData;
            case "/typed":
                return Reply(200, Typed());
            case "/lists":
                return Reply(200, Lists());
            case "/times":
                headers.Set("x-start", Stream.Timings.StartTime.ToString("O", CultureInfo.InvariantCulture));
                headers.Set("x-sent", Stream.Timings.RequestReceived.Ticks.ToString(CultureInfo.InvariantCulture));
                return FilterAction.Continue;
            default:
                return FilterAction.Continue;
        }
    }

    /// <inheritdoc/>
    public override void OnLog()
    {
        if (Stream.RequestHeaders.PathString == "/times")
        {
            var times = Stream.Timings;
            bool inOrder = times.RequestReceived > TimeSpan.Zero && times.ResponseReceived >= times.RequestReceived && times.RequestFinished >= times.ResponseReceived;
            Stream.Log.Warn($"times are in order: {inOrder}");
        }
    }

    private string Typed()
    {
        const string Key = "envoy.network.upstream_server_name";
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"before: {Stream.GetTypedFilterState(Key) is null}");
        Stream.SetTypedFilterState(Key, "a.example"u8);
        text.AppendLine(CultureInfo.InvariantCulture, $"after: {Encoding.UTF8.GetString(Stream.GetTypedFilterState(Key)!)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"again: {Failure(() => Stream.SetTypedFilterState(Key, "b.example"u8))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"unknown: {Failure(() => Stream.SetTypedFilterState("no.such.object", "b"u8))}");
        return text.ToString();
    }

    private string Lists()
    {
        var metadata = Stream.Metadata;
        metadata.Append("wishes", "list", "text");
        metadata.Append("wishes", "list", 2.5);
        metadata.Append("wishes", "list", true);
        metadata.Set("wishes", "plain", "p");
        using var json = JsonDocument.Parse("""{ "plain": "q", "number": -1e3, "none": null, "all": ["é", 1, false, { "x": 1 }], "deep": { "a": { "b": [ "c" ] } } }""");
        metadata.Merge("wishes", json.RootElement);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"list: {Join(metadata.GetList("wishes", "list"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"all: {Join(metadata.GetList("wishes", "all"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"plain: {metadata.GetText("wishes", "plain")} {metadata.GetNumber("wishes", "number")}");
        text.AppendLine(CultureInfo.InvariantCulture, $"no list: {metadata.GetList("wishes", "plain") is null} {metadata.GetList("wishes", "none at all") is null}");
        text.AppendLine(CultureInfo.InvariantCulture, $"not added: {Failure(() => metadata.Append("wishes", "plain", "r"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"not merged: {Failure(() => metadata.Merge("wishes", json.RootElement.GetProperty("all")))}");
        return text.ToString();
    }

    private static string Join(IReadOnlyList<object?>? list) => list is null ? "none" : string.Join(' ', list.Select(x => x is null ? "null" : Convert.ToString(x, CultureInfo.InvariantCulture)));

    private static string Failure(Action action)
    {
        try
        {
            action();
            return "";
        }
        catch (Exception e)
        {
            return e.GetType().Name + ": " + e.Message;
        }
    }
}
