namespace Outrider.Hosting.Driving;

/// <summary>What a base does after one step of a filter's life on a message. Whatever else there is to do it was told through its sink.</summary>
internal enum Directive : byte
{
    /// <summary>Nothing: the message goes no further, or has been answered.</summary>
    Stop,

    /// <summary>Nothing for now: the filter is being waited for, and the step goes on with <see cref="FilterDriver.OnAnswer"/>.</summary>
    Wait,

    /// <summary>What the filter was shown, and may have changed, goes on.</summary>
    Pass,

    /// <summary>It goes on as it is; the filter was not asked.</summary>
    Unseen,

    /// <summary>As <see cref="Pass"/>, with the body that the filter made for a message that had none.</summary>
    PassMade,

    /// <summary>The filter wants all of the message, or keeps it to itself from here on: the head waits, and what belongs to it is collected or shown to the filter.</summary>
    Collect,

    /// <summary>What the filter was shown goes no further; what it wants of it, it has.</summary>
    Keep,

    /// <summary>The filter lets go of all that it kept: the head goes on, then the body, with the piece at hand behind what was kept.</summary>
    Release,

    /// <summary>As <see cref="Release"/>, and the route is matched again before.</summary>
    ReleaseAndMatchRoute,

    /// <summary>The body bytes that the filter kept go on before the trailers that it was shown.</summary>
    ReleaseBody,

    /// <summary>The route is matched again, then it goes on as with <see cref="Pass"/>.</summary>
    MatchRoute,

    /// <summary>Another host is chosen, then it goes on as with <see cref="Pass"/>.</summary>
    ChooseHost,
}
