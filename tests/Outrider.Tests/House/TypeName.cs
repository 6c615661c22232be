namespace Outrider.Tests.House;

/// <summary>An outermost type of an assembly.</summary>
internal readonly record struct TypeName(string Assembly, string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Namespace + "." + Name;
}
