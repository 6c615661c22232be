namespace Outrider.Modules.Abi;

/// <summary>Which of a stream's four header maps.</summary>
internal enum HeaderMapKind
{
    RequestHeaders,
    RequestTrailers,
    ResponseHeaders,
    ResponseTrailers,
}
