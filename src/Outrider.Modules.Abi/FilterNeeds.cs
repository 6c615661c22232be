namespace Outrider.Modules.Abi;

/// <summary>What a configuration's filters need to be called for, beside requests.</summary>
[Flags]
internal enum FilterNeeds : uint
{
    /// <summary>Nothing of a response.</summary>
    None = 0,

    /// <summary>A response's head, and what follows one that has been stopped.</summary>
    Response = 1,

    /// <summary>What follows a response's head that has passed.</summary>
    ResponseBody = 2,
}
