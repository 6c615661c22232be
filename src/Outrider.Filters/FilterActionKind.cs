namespace Outrider.Filters;

/// <summary>The kinds of <see cref="FilterAction"/>.</summary>
public enum FilterActionKind
{
    /// <summary>Go on. The default of the type, so a forgotten result lets the stream pass.</summary>
    Continue,

    /// <summary>Collect the whole message first.</summary>
    WaitAllData,

    /// <summary>Stop and answer.</summary>
    Reply,

    /// <summary>Match the route again.</summary>
    ReMatchRoute,

    /// <summary>Choose another host.</summary>
    ReChooseHost,

    /// <summary>End the stream without an answer.</summary>
    Terminate,

    /// <summary>
    /// The filter keeps its message back by itself, and sees what else comes of it. For bases that run filters of another kind
    /// (a module's); a filter written against this API answers <see cref="WaitAllData"/> or awaits.
    /// </summary>
    Hold,

    /// <summary>What <see cref="Hold"/> kept back goes on.</summary>
    Release,
}
