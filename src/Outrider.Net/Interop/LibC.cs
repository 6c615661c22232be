using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Outrider.Net.Interop;

/// <summary>
/// The system calls that the engine makes. Every pointer is borrowed for the length of the call; nothing here keeps one.
/// All sockets are non-blocking, so none of these waits, but <see cref="epoll_wait"/>. A negative result means: read
/// <see cref="Error"/>, at once, before anything else that could make a system call.
/// </summary>
/// <remarks>
/// Without <c>SetLastError</c>, which clears and stores errno around every call though only failures need it. The calls of
/// the data path also do without the GC transition (they take microseconds, for which a collection can wait), and go by
/// <c>syscall(2)</c>: the C library's wrappers of the same name are cancellation points, which in a process with threads
/// costs two locked instructions each. Together 2 % of a proxied request.
/// </remarks>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    private static readonly bool s_isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // asm/unistd_64.h for x86-64, asm-generic/unistd.h for arm64: the two that .NET on Linux servers runs on.
    private static readonly nint s_sendto = s_isX64 ? 44 : 206;
    private static readonly nint s_recvfrom = s_isX64 ? 45 : 207;
    private static readonly nint s_sendmsg = s_isX64 ? 46 : 211;

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

    [LibraryImport(Library)]
    internal static partial int getrlimit(int resource, ulong* limit);

    [LibraryImport(Library)]
    internal static partial int setrlimit(int resource, ulong* limit);

    [LibraryImport(Library)]
    internal static partial int pipe2(int* descriptors, int flags);

    // Variadic in C; an int is passed alike either way on both of our architectures.
    [LibraryImport(Library)]
    internal static partial int fcntl(int fd, int command, int argument);

    // With the transition: a MiB takes too long for a collection to wait.
    [LibraryImport(Library)]
    internal static partial nint splice(int from, long* fromOffset, int to, long* toOffset, nint count, uint flags);

    // Not inlined: within a caller's try, where the loop calls everything, the runtime would make each of them by a stub.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static nint recv(int fd, void* buffer, nint count, int flags) => syscall(s_recvfrom, fd, (nint)buffer, count, flags, 0, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static nint send(int fd, void* buffer, nint count, int flags) => syscall(s_sendto, fd, (nint)buffer, count, flags, 0, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static nint sendmsg(int fd, MessageHeader* message, int flags) => syscall(s_sendmsg, fd, (nint)message, flags, 0, 0, 0);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
