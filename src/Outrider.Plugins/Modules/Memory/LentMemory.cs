using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;

namespace Outrider.Plugins.Modules.Memory;

/// <summary>
/// Addresses that a module sees while one of its hooks runs. What it is lent stays where it is until <see cref="TakeBack"/>, at
/// the end of the hook: a header block's bytes are pinned for good, a body's are pinned here, and what has to be made for the
/// module (numbers, addresses, names in lower case) is native memory that is used again for the next hook.
/// </summary>
internal sealed unsafe class LentMemory
{
    private const int BlockSize = 4096;

    private readonly List<MemoryHandle> _pinned = [];
    private readonly List<nint> _large = [];
    private byte* _block;
    private int _used;

    ~LentMemory()
    {
        TakeBack();
        NativeMemory.Free(_block);
    }

    /// <summary>Lends bytes that do not move: of a header block, or of the program itself.</summary>
    internal static EnvoyBuffer Lend(ReadOnlySpan<byte> stable)
        => new() { Data = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(stable)), Length = (nuint)stable.Length };

    /// <summary>Lends bytes of a managed array, which is pinned until the hook ends.</summary>
    internal EnvoyBuffer LendPinned(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        var handle = bytes.Pin();
        _pinned.Add(handle);
        return new EnvoyBuffer { Data = (byte*)handle.Pointer, Length = (nuint)bytes.Length };
    }

    /// <summary>Native memory to be filled, and then lent.</summary>
    internal Span<byte> Rent(int length)
    {
        if (length > BlockSize - _used)
        {
            if (length > BlockSize / 4)
            {
                void* large = NativeMemory.Alloc((nuint)length);
                _large.Add((nint)large);
                return new Span<byte>(large, length);
            }

            if (_block is not null)
            {
                // What was lent of it is still in use.
                _large.Add((nint)_block);
                _block = null;
            }
        }

        if (_block is null)
        {
            _block = (byte*)NativeMemory.Alloc(BlockSize);
            _used = 0;
        }

        var span = new Span<byte>(_block + _used, length);
        _used += (length + 7) & ~7;
        if (_used > BlockSize)
        {
            _used = BlockSize;
        }

        return span;
    }

    /// <summary>Lends a copy.</summary>
    internal EnvoyBuffer LendCopy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        var copy = Rent(bytes.Length);
        bytes.CopyTo(copy);
        return Lend(copy);
    }

    /// <summary>Lends a header's name in lower case, as modules know them; a copy only where it has capitals.</summary>
    internal EnvoyBuffer LendLowerCase(ReadOnlySpan<byte> stable)
    {
        if (!stable.ContainsAnyInRange((byte)'A', (byte)'Z'))
        {
            return Lend(stable);
        }

        var copy = Rent(stable.Length);
        _ = System.Text.Ascii.ToLower(stable, copy, out _);
        return Lend(copy);
    }

    /// <summary>Lends text as UTF-8.</summary>
    internal EnvoyBuffer LendText(string text)
    {
        if (text.Length == 0)
        {
            return default;
        }

        var copy = Rent(System.Text.Encoding.UTF8.GetByteCount(text));
        _ = System.Text.Encoding.UTF8.GetBytes(text, copy);
        return Lend(copy);
    }

    /// <summary>The hook has returned.</summary>
    internal void TakeBack()
    {
        _used = 0;
        if (_pinned.Count > 0)
        {
            foreach (var handle in _pinned)
            {
                handle.Dispose();
            }

            _pinned.Clear();
        }

        if (_large.Count > 0)
        {
            foreach (nint large in _large)
            {
                NativeMemory.Free((void*)large);
            }

            _large.Clear();
        }
    }
}
