namespace Outrider.Plugins.Modules.Libraries;

/// <summary>How far an <see cref="AwaitedCall"/> has come.</summary>
internal enum AwaitedCallState
{
    Waiting,
    Running,
    Returned,

    /// <summary>Nobody waits any more: it is not begun, or what it has done is undone.</summary>
    Abandoned,
}
