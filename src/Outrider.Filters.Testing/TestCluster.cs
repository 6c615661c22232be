namespace Outrider.Filters.Testing;

/// <summary>A cluster that a test answers for: behind a route, or for a filter's callouts.</summary>
public sealed class TestCluster
{
    private readonly Func<TestRequest, CancellationToken, Task<TestResponse>> _answer;
    private readonly List<TestRequest> _requests = [];

    internal TestCluster(string name, Func<TestRequest, CancellationToken, Task<TestResponse>> answer)
    {
        Name = name;
        _answer = answer;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it was asked, in order. A copy.</summary>
    public IReadOnlyList<TestRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    internal async Task<TestResponse> AskAsync(TestRequest request, CancellationToken cancellationToken)
    {
        lock (_requests)
        {
            _requests.Add(request);
        }

        return await _answer(request, cancellationToken);
    }
}
