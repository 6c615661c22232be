namespace Outrider.Filters;

/// <summary>What a path leads to, once links are followed.</summary>
internal enum FileKind
{
    /// <summary>Nothing, or something that this process may not look at.</summary>
    Missing,

    /// <summary>A plain file: it has a length, and reading it does not wait for anybody.</summary>
    Plain,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A named pipe (FIFO): opening and reading it wait for whoever is at the other end.</summary>
    Pipe,

    /// <summary>A Unix socket.</summary>
    Socket,

    /// <summary>A character device, such as <c>/dev/null</c> or a terminal.</summary>
    CharacterDevice,

    /// <summary>A block device, such as a disk.</summary>
    BlockDevice,
}
