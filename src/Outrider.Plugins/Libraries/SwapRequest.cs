namespace Outrider.Plugins.Libraries;

/// <summary>Somebody wants the code of libraries taken anew.</summary>
/// <param name="path">The library's file; null for all that have changed.</param>
public sealed class SwapRequest(string? path)
{
    private readonly TaskCompletionSource<string?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The library's file; null for all that have changed.</summary>
    public string? Path => path;

    /// <summary>Ends when it was done, with null; or when it was not, with the reason.</summary>
    public Task<string?> Done => _done.Task;

    /// <summary>It was done (null), or not.</summary>
    public void Complete(string? problem) => _ = _done.TrySetResult(problem);
}
