using System.Runtime.InteropServices;

namespace Outrider.Plugins.Modules.Signals;

/// <summary>A set of signals as the C library has it (<c>sigset_t</c>: 1024 bits, in glibc as in musl; signal 1 is bit 0).</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct SignalSet
{
    // Linux has 64 signals; the rest is the C library's.
    private ulong _signals;

    internal static SignalSet All => new() { _signals = ulong.MaxValue };

    internal readonly bool IsEmpty => _signals == 0;

    internal readonly bool Contains(int signal) => (_signals & Bit(signal)) != 0;

    internal void Add(int signal) => _signals |= Bit(signal);

    internal void Remove(int signal) => _signals &= ~Bit(signal);

    internal void Remove(SignalSet others) => _signals &= ~others._signals;

    internal void Add(SignalSet others) => _signals |= others._signals;

    private static ulong Bit(int signal) => 1UL << (signal - 1);
}
