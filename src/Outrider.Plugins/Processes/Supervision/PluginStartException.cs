namespace Outrider.Plugins.Processes.Supervision;

/// <summary>A plugin's process could not be started, or did not say where it listens. The message says why.</summary>
internal sealed class PluginStartException(string message, Exception? innerException = null) : Exception(message, innerException);
