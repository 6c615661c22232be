namespace Outrider.Tests.House;

/// <summary>The base of <see cref="SizedType"/>.</summary>
internal abstract class SizedBase
{
    /// <summary>A field of the base.</summary>
    protected int Second = 2;
}
