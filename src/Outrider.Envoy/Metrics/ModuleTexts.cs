using System.Runtime.InteropServices;
using System.Text;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Metrics;

/// <summary>Texts in memory that does not move, for the length of one callback. None cost nothing.</summary>
internal unsafe ref struct ModuleTexts
{
    private readonly ModuleBuffer* _texts;
    private readonly int _count;

    internal ModuleTexts(ReadOnlySpan<string> texts)
    {
        _count = texts.Length;
        if (_count == 0)
        {
            return;
        }

        int bytes = 0;
        foreach (string text in texts)
        {
            bytes += Encoding.UTF8.GetByteCount(text);
        }

        // One block: the list, and behind it what it points to.
        int list = _count * sizeof(ModuleBuffer);
        _texts = (ModuleBuffer*)NativeMemory.Alloc((nuint)(list + bytes + 1));
        byte* at = (byte*)_texts + list;
        for (int i = 0; i < _count; i++)
        {
            int length = Encoding.UTF8.GetBytes(texts[i], new Span<byte>(at, bytes));
            _texts[i] = new ModuleBuffer(at, (nuint)length);
            at += length;
            bytes -= length;
        }
    }

    internal readonly ReadOnlySpan<ModuleBuffer> Span => new(_texts, _count);

    public readonly void Dispose() => NativeMemory.Free(_texts);
}
