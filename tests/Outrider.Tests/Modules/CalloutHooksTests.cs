using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Tests.Modules;

/// <summary>Each hook for a module's own requests is the function of that name, called as the ABI has it; what a module does not have is null.</summary>
public sealed unsafe class CalloutHooksTests
{
    [CompilerFact("gcc")]
    public void A_whole_answer_comes_with_its_result_its_headers_and_its_pieces()
    {
        nint library = Load(BuiltModule.C("callouts"));
        var hooks = new CalloutHooks(library);
        var fields = stackalloc EnvoyHeader[] { Field(":status"u8, "200"u8), Field("x-a"u8, "b"u8) };
        var body = stackalloc EnvoyBuffer[] { Bytes("one"u8), Bytes("two"u8) };

        hooks.Done(0xa1, 0xb2, 3, CalloutResult.Success, fields, 2, body, 2);
        Assert.Equal("done a1 b2 3 0 :status=200 x-a=b [one] [two]", Told(library));

        // What there is of one that failed: nothing.
        hooks.Done(0xa1, 0xb2, ulong.MaxValue, CalloutResult.ExceedResponseBufferLimit, null, 0, null, 0);
        Assert.Equal("done a1 b2 18446744073709551615 2", Told(library));
    }

    [CompilerFact("gcc")]
    public void An_answer_piece_by_piece_comes_to_the_hook_of_each_piece()
    {
        nint library = Load(BuiltModule.C("callouts"));
        var hooks = new CalloutHooks(library);
        var field = Field("x-a"u8, "b"u8);
        var body = Bytes("some"u8);

        hooks.Headers(0xa1, 0xb2, 4, &field, 1, 0);
        Assert.Equal("headers a1 b2 4 x-a=b open", Told(library));
        hooks.Headers(0xa1, 0xb2, 4, null, 0, 1);
        Assert.Equal("headers a1 b2 4 end", Told(library));
        hooks.Data(0xa1, 0xb2, 4, &body, 1, 0);
        Assert.Equal("data a1 b2 4 [some] open", Told(library));
        hooks.Data(0xa1, 0xb2, 4, null, 0, 1);
        Assert.Equal("data a1 b2 4 end", Told(library));
        hooks.Trailers(0xa1, 0xb2, 4, &field, 1);
        Assert.Equal("trailers a1 b2 4 x-a=b", Told(library));
        hooks.Complete(0xa1, 0xb2, 4);
        Assert.Equal("complete a1 b2 4", Told(library));
    }

    [CompilerFact("gcc")]
    public void The_reason_of_a_reset_is_the_number_that_the_ABI_gives_it()
    {
        nint library = Load(BuiltModule.C("callouts"));
        var hooks = new CalloutHooks(library);
        (CalloutResetReason Reason, int Number)[] reasons =
        [
            (CalloutResetReason.ConnectionFailure, 0), (CalloutResetReason.ConnectionTermination, 1), (CalloutResetReason.LocalReset, 2),
            (CalloutResetReason.LocalRefusedStreamReset, 3), (CalloutResetReason.Overflow, 4), (CalloutResetReason.RemoteReset, 5),
            (CalloutResetReason.RemoteRefusedStreamReset, 6), (CalloutResetReason.ProtocolError, 7),
        ];
        Assert.Equal(Enum.GetValues<CalloutResetReason>(), reasons.Select(static reason => reason.Reason));

        foreach (var (reason, number) in reasons)
        {
            hooks.Reset(0xa1, 0xb2, 5, reason);
            Assert.Equal($"reset a1 b2 5 {number}", Told(library));
        }
    }

    [CompilerFact("gcc")]
    public void A_module_may_have_the_hook_for_whole_answers_alone()
    {
        nint library = Load(BuiltModule.C("callouts", "-DFEW"));
        var hooks = new CalloutHooks(library);

        hooks.Done(1, 2, 3, CalloutResult.Reset, null, 0, null, 0);
        Assert.Equal("done 1 2 3 1", Told(library));
        Assert.True(hooks.Headers is null && hooks.Data is null && hooks.Trailers is null && hooks.Complete is null && hooks.Reset is null);
    }

    [CompilerFact("gcc")]
    public void A_library_that_has_none_has_only_null()
    {
        // Not even a module.
        var hooks = new CalloutHooks(Load(BuiltModule.C("plain")));

        Assert.True(hooks.Done is null && hooks.Headers is null && hooks.Data is null && hooks.Trailers is null && hooks.Complete is null && hooks.Reset is null);
    }

    // By .NET, without what modules are kept by: nothing here calls back.
    private static nint Load(string module) => NativeLibrary.Load(module);

    private static string? Told(nint library)
        => Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "callouts_told"))());

    // Literals do not move.
    private static EnvoyBuffer Bytes(ReadOnlySpan<byte> literal)
        => new() { Data = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal)), Length = (nuint)literal.Length };

    private static EnvoyHeader Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var (n, v) = (Bytes(name), Bytes(value));
        return new() { Name = n.Data, NameLength = n.Length, Value = v.Data, ValueLength = v.Length };
    }
}
