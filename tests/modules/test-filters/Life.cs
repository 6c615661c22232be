namespace Outrider.Tests.Modules;

/// <summary>How much of this module lives.</summary>
internal static class Life
{
    internal static int Filters;
    internal static int Begun;
    internal static int Configurations;
    internal static int Disposed;
    internal static int Cancelled;
}
