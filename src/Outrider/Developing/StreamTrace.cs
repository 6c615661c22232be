using System.Diagnostics;
using System.Globalization;
using System.Text;
using Outrider.Filters;

namespace Outrider.Developing;

/// <summary>The way of one request through the filters that are developed: each call, what it answered, and its time. Written on the stream's loop; printed once, when the last filter has ended.</summary>
internal sealed class StreamTrace(string request)
{
    private readonly List<Call> _calls = [];
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Filters whose life has not ended.</summary>
    internal int Filters { get; set; }

    internal int Status { get; set; }

    internal Call Begin(string filter, string method)
    {
        var call = new Call(filter, method);
        _calls.Add(call);
        return call;
    }

    /// <summary>As lines for a terminal.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{request} -> {(Status == 0 ? "no answer" : Status)} in {Milliseconds(Stopwatch.GetElapsedTime(_began))}");
        foreach (var call in _calls)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"\n  {call.Filter,-20} {call.Method,-22} {Milliseconds(call.Running),10}{(call.Waiting > TimeSpan.Zero ? $" + {Milliseconds(call.Waiting)} waiting" : "")}  {call.Outcome}");
        }

        return text.ToString();
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.000} ms");

    /// <summary>One call into a filter.</summary>
    internal sealed class Call(string filter, string method)
    {
        private readonly long _began = Stopwatch.GetTimestamp();

        internal string Filter => filter;

        internal string Method => method;

        /// <summary>Until it returned.</summary>
        internal TimeSpan Running { get; private set; }

        /// <summary>From its return to its answer.</summary>
        internal TimeSpan Waiting { get; private set; }

        internal string Outcome { get; private set; } = "has not answered";

        /// <summary>It has returned, but has not answered yet.</summary>
        internal void Return() => Running = Stopwatch.GetElapsedTime(_began);

        internal void Answer(FilterAction action) => End(action.ToString());

        internal void Fail(Exception e) => End($"{e.GetType().Name}: {e.Message}");

        private void End(string outcome)
        {
            Outcome = outcome;
            if (Running == TimeSpan.Zero)
            {
                Return();
                return;
            }

            Waiting = Stopwatch.GetElapsedTime(_began) - Running;
        }
    }
}
