namespace Outrider.Configuration.Binding;

/// <summary>What is wanted of a key.</summary>
internal enum ReadingKind
{
    /// <summary>The value as it is: whoever reads it looks at its kind.</summary>
    Any,

    /// <summary>Text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number in a range.</summary>
    Integer,

    /// <summary>A number, in a range or any.</summary>
    Number,

    /// <summary>A duration.</summary>
    Duration,

    /// <summary>One of some words.</summary>
    Choice,

    /// <summary>An object.</summary>
    Object,

    /// <summary>An array.</summary>
    Array,

    /// <summary>An array of objects.</summary>
    Objects,

    /// <summary>An array of texts.</summary>
    Texts,

    /// <summary>MOSN's, and not supported.</summary>
    Ignored,

    /// <summary>MOSN's, and without effect here.</summary>
    Excused,
}
