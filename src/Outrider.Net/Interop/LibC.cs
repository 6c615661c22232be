using System.Runtime.InteropServices;

namespace Outrider.Net.Interop;

/// <summary>
/// The system calls that the engine makes. Every pointer is borrowed for the length of the call; nothing here keeps one.
/// All sockets are non-blocking, so none of these waits, but <see cref="epoll_wait"/>. A negative result means: read
/// <see cref="Error"/>, at once, before anything else that could make a system call.
/// </summary>
/// <remarks>
/// Without <c>SetLastError</c>, which clears and stores errno around every call though only failures need it. The calls of
/// the data path also do without the GC transition: they take microseconds, for which a collection can wait.
/// </remarks>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    /// <summary>errno of the call that has just failed on this thread.</summary>
    internal static int Error => Marshal.GetLastSystemError();

    [LibraryImport(Library)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport(Library)]
    internal static partial int epoll_ctl(int epfd, int operation, int fd, EpollEvent* change);

    [LibraryImport(Library)]
    internal static partial int epoll_wait(int epfd, EpollEvent* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport(Library)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library)]
    internal static partial nint read(int fd, void* buffer, nint count);

    [LibraryImport(Library)]
    internal static partial nint write(int fd, void* buffer, nint count);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial nint recv(int fd, void* buffer, nint count, int flags);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial nint send(int fd, void* buffer, nint count, int flags);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library)]
    internal static partial int socket(int family, int type, int protocol);

    [LibraryImport(Library)]
    internal static partial int bind(int fd, void* address, uint length);

    [LibraryImport(Library)]
    internal static partial int listen(int fd, int backlog);

    [LibraryImport(Library)]
    internal static partial int accept4(int fd, void* address, uint* length, int flags);

    [LibraryImport(Library)]
    internal static partial int connect(int fd, void* address, uint length);

    [LibraryImport(Library)]
    internal static partial int shutdown(int fd, int how);

    [LibraryImport(Library)]
    internal static partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport(Library)]
    internal static partial int getsockopt(int fd, int level, int option, void* value, uint* length);

    [LibraryImport(Library)]
    internal static partial int getsockname(int fd, void* address, uint* length);

    [LibraryImport(Library)]
    internal static partial int close(int fd);
}
