namespace Outrider.Proxy.Streams.Callouts;

/// <summary>Who is told how the request of an <see cref="UpstreamCall"/> flows, whose body is sent piece by piece. On the loop.</summary>
internal interface ICallFlow
{
    /// <summary>It begins.</summary>
    void Add(UpstreamCall call);

    /// <summary>It is over.</summary>
    void Remove(UpstreamCall call);

    /// <summary>Its upstream takes nothing (<see cref="UpstreamCall.IsBlocked"/>), or takes it again.</summary>
    void OnFlow();
}
