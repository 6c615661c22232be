using Outrider.Configuration.Model;
using Outrider.Http.Grpc;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Proxy.Streams.Records;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// Whether a request is sent again: what has come of its body, the tries so far, and what the route's policy allows. Lives, and is used again, with its exchange.
/// </summary>
/// <remarks>
/// Safe is: nothing of the response has come, all of the request so far is still here, and either none of it was sent or the
/// method is idempotent (RFC 9110 §9.2.2).
/// </remarks>
internal sealed class RequestRepeats(StreamRecord record)
{
    /// <summary>The tries so far. A field, for it is written in place.</summary>
    internal RequestTries Tries;

    /// <summary>What has come of the request's body. A field, for it is written in place.</summary>
    internal KeptBody Kept;

    /// <summary>The route's policy for tries; null where it has none, or one that allows none.</summary>
    internal RetryPolicyConfiguration? Policy => !record.Controls.DisablesRetry && record.Route?.Action?.RetryPolicy is { RetryOn: true } policy ? policy : null;

    /// <summary>Would another try be allowed after one that took too long?</summary>
    internal bool AllowedAfterTimeout => MayRepeat && Tries.AllowedBy(Policy) && Kept.IsWhole;

    /// <summary>Can the request go to another host, as far as it is here and has not been sent too often?</summary>
    internal bool IsPossible => Kept.IsWhole && !Tries.AreEnough && !record.Controls.DisablesRetry;

    /// <summary>May what was sent be sent again, though nobody knows what came of it?</summary>
    private bool MayRepeat => Policy is { OnReset: true } policy && (policy.NonIdempotent || record.Request.IsIdempotent);

    /// <summary>The request begins.</summary>
    internal void Begin() => Kept.Begin(Policy?.MaxKeptBody ?? RetryPolicyConfiguration.DefaultKeptBody);

    /// <summary>Would the policy allow another try after a connection could not be made?</summary>
    internal bool AllowedAfterConnect(ConnectionFailure failure)
        => failure != ConnectionFailure.Overflow && Kept.IsWhole && Policy is { } policy && (policy.Conditions & RetryConditions.ConnectFailure) != 0 && Tries.AllowedBy(policy);

    /// <summary>Does the policy want another try because of what was answered, and can there be one?</summary>
    internal bool AllowedAfterAnswer(ExchangeState state, ResponseHead response)
        => Policy is { } policy && Tries.AllowedBy(policy) && Kept.IsWhole && (state & ExchangeState.RequestEnded) != 0 && Matches(policy, response);

    /// <summary>How the request is sent again after its connection broke off. Takes a try of the policy's where it needs one.</summary>
    internal RetryKind AfterReset(UpstreamFailure failure, ref ExchangeState state, bool isVersionNegotiated)
    {
        bool isSafe = failure.NothingSent || record.Request.IsIdempotent;
        // Where the client's version was only a guess, and the pool has taken note that it was wrong.
        if (failure.SpokeNever && (state & ExchangeState.OtherVersionTried) == 0 && isVersionNegotiated && Kept.IsWhole && isSafe)
        {
            state |= ExchangeState.OtherVersionTried;
            return RetryKind.OtherVersion;
        }

        if (!CanSendAgain(failure, state))
        {
            return RetryKind.None;
        }

        if (failure.WasReused && (state & ExchangeState.FreshRetried) == 0 && isSafe)
        {
            // It had been idle for too long, nothing more: the same host, on a connection that cannot have been.
            state |= ExchangeState.FreshRetried;
            return RetryKind.FreshConnection;
        }

        return RetryKind.OtherHost;
    }

    /// <summary>Takes a try that the policy allows.</summary>
    internal void TakeByPolicy() => _ = Tries.TryTake(Policy);

    /// <summary>Makes ready for the next request.</summary>
    internal void Reset()
    {
        Tries = default;
        Kept.Reset();
    }

    private bool CanSendAgain(UpstreamFailure failure, ExchangeState state)
        => !failure.ResponseBegun
            && failure.Reason != ResetReason.ProtocolError
            && IsPossible
            && (failure.NothingSent
                || (record.Request.IsIdempotent && failure.WasReused && (state & ExchangeState.FreshRetried) == 0)
                || (MayRepeat && Tries.TryTake(Policy)));

    // Of gRPC what the head says: with trailers it would be too late.
    private static bool Matches(RetryPolicyConfiguration policy, ResponseHead head)
        => policy.Matches(head.Status, head.Fields)
            || (!policy.GrpcStatuses.IsEmpty && GrpcRequest.IsGrpc(head.Fields) && policy.GrpcStatuses.Contains(GrpcStatus.In(head.Fields)));
}
