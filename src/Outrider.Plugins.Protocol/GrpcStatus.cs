namespace Outrider.Plugins.Protocol;

/// <summary>gRPC's status codes (grpc/grpc, doc/statuscodes.md).</summary>
public enum GrpcStatus
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>An error that has no code: what a handler threw.</summary>
    Unknown = 2,

    /// <summary>The request makes no sense.</summary>
    InvalidArgument = 3,

    /// <summary>The time was over.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for is not there.</summary>
    NotFound = 5,

    /// <summary>It exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached, such as a message's size.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state for this.</summary>
    FailedPrecondition = 9,

    /// <summary>Concurrency got in the way.</summary>
    Aborted = 10,

    /// <summary>Outside the valid range.</summary>
    OutOfRange = 11,

    /// <summary>There is no such method.</summary>
    Unimplemented = 12,

    /// <summary>The other side broke the protocol.</summary>
    Internal = 13,

    /// <summary>The other side cannot be reached now.</summary>
    Unavailable = 14,

    /// <summary>Data are lost.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}
