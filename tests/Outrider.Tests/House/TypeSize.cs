namespace Outrider.Tests.House;

/// <summary>How large an outermost type is, all its parts together: its files, the types inside it, and what it inherits from its own assembly.</summary>
internal readonly record struct TypeSize(TypeName Type, int Lines, int Fields)
{
    internal const int MaxLines = 450;
    internal const int MaxFields = 25;

    /// <summary>Is it more than one type should be?</summary>
    internal bool IsTooLarge => Lines > MaxLines || Fields > MaxFields;
}
