using System.Runtime.ExceptionServices;

namespace Outrider.Plugins.Modules.Signals;

/// <summary>
/// Opens a thread for signals again after a mistake that the processor reports (a null reference). Go takes SIGSEGV over with every
/// signal blocked while its handler runs, and hands on what is not Go's to .NET's, which does not return but unwinds, and
/// unblocks SIGSEGV alone: all others would stay blocked on the thread, the one for suspensions among them, and a second mistake of
/// another kind would end the process.
/// </summary>
internal static class FaultedThread
{
    private static int s_isWatched;

    /// <summary>From now on, in the whole process. Nothing is done until an exception is thrown.</summary>
    internal static void Watch()
    {
        if (Interlocked.Exchange(ref s_isWatched, 1) == 0)
        {
            AppDomain.CurrentDomain.FirstChanceException += OnException;
        }
    }

    private static void OnException(object? sender, FirstChanceExceptionEventArgs e)
    {
        // Those of which .NET learns by a signal; DivideByZeroException and OverflowException are arithmetic ones.
        if (e.Exception is NullReferenceException or ArithmeticException)
        {
            SignalShield.Reopen();
        }
    }
}
