using System.Collections.Concurrent;

namespace Outrider.Tests.Upstream;

/// <summary>What came of each request, as its client has seen it, to be held against what the proxy has written and counted.</summary>
internal sealed class ChaosOutcomes
{
    /// <summary>There was no whole answer: the connection, or the stream, has ended, and the client sees that.</summary>
    internal const int Closed = 0;

    private readonly ConcurrentDictionary<string, int> _others = new();
    private long _last, _good;

    /// <summary>Answers that were an other request's, or no HTTP.</summary>
    internal ConcurrentQueue<string> Malformed { get; } = new();

    /// <summary>Requests that were answered with 200.</summary>
    internal long Good => Interlocked.Read(ref _good);

    /// <summary>The others: a status, or <see cref="Closed"/>.</summary>
    internal IReadOnlyDictionary<string, int> Others => _others;

    internal long All => Good + _others.Count;

    /// <summary>What the next request is known by.</summary>
    internal string Next() => $"t{Interlocked.Increment(ref _last)}";

    internal void OnAnswer(string token, int status, string body)
    {
        if (status != 200)
        {
            _others[token] = status;
        }
        else
        {
            Interlocked.Increment(ref _good);
            if (body != token)
            {
                Malformed.Enqueue($"{token} was answered with '{body}'");
            }
        }
    }

    internal void OnClosed(string token) => _others[token] = Closed;
}
