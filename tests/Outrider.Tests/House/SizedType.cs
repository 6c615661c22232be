namespace Outrider.Tests.House;

/// <summary>What the tests measure: a type with a base and a type inside it.</summary>
internal sealed class SizedType : SizedBase
{
    /// <summary>No field: it has no place in an object.</summary>
    internal const int Constant = 1;

    private readonly int _first = Constant;

    /// <summary>The fields of the parts together.</summary>
    internal int Sum => _first + Second + new Part().Third + Part.Fourth;

    private sealed class Part
    {
        internal int Third = 3;
        internal static int Fourth => 4;

        internal int Fifth { get; } = 5;
    }
}
