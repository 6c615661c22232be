namespace Outrider.Expressions.Values;

/// <summary>Of what kind a value is: those of MOSN's <c>pkg/cel/attribute</c>.</summary>
public enum ValueKind
{
    /// <summary>There is no value: the evaluation failed, and the value's text says why.</summary>
    Error,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A number of double precision.</summary>
    Number,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A span of time.</summary>
    Duration,

    /// <summary>A moment.</summary>
    Time,

    /// <summary>An IP address.</summary>
    Address,

    /// <summary>A URI.</summary>
    Uri,

    /// <summary>A DNS name.</summary>
    DnsName,

    /// <summary>An e-mail address.</summary>
    Email,

    /// <summary>Texts by name: headers, a query's parameters.</summary>
    Map,

    /// <summary>The stream itself (<c>ctx</c>), which effects go to.</summary>
    Stream,
}
