namespace Outrider.Proxy.Logging.AccessLog;

/// <summary>Of what type variables are in JSON. Any thread.</summary>
internal static class AccessLogValues
{
    /// <summary>Is the variable a number, or true or false, and so written without quotes?</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="argument">Of a duration: its unit, without which it is text as Go writes it.</param>
    public static bool IsBare(AccessLogVariable variable, ReadOnlySpan<byte> argument) => variable switch
    {
        AccessLogVariable.BytesReceived or AccessLogVariable.BytesSent or AccessLogVariable.RequestLength or AccessLogVariable.ResponseCode
            or AccessLogVariable.ResponseFlag or AccessLogVariable.ListenerPort or AccessLogVariable.Tries
            or AccessLogVariable.GrpcStatusNumber => true,
        AccessLogVariable.Duration or AccessLogVariable.ProcessTimeDuration or AccessLogVariable.RequestReceivedDuration
            or AccessLogVariable.RequestFinishedDuration or AccessLogVariable.ResponseReceivedDuration => !argument.IsEmpty,
        _ => false,
    };
}
