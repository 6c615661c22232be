namespace Outrider.Configuration.Shapes;

/// <summary>The kinds of JSON values that are taken at some place.</summary>
[Flags]
internal enum ValueKinds
{
    None = 0,
    Text = 1,
    Whole = 2,
    Fraction = 4,
    Flag = 8,
    Object = 16,
    Array = 32,
    All = Text | Whole | Fraction | Flag | Object | Array,
}
