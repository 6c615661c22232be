namespace Outrider.Envoy.Hosted;

/// <summary>A line of the table that <c>native/outrider_module.c</c> brings: the name of a function that Envoy calls, and where the code of it is to be written.</summary>
internal readonly unsafe struct HookEntry(byte* name, nint* function)
{
    public readonly byte* Name = name;
    public readonly nint* Function = function;
}
