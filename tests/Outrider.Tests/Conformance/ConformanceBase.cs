namespace Outrider.Tests.Conformance;

/// <summary>A base that runs, with the scripted filter in front of the suite's upstream.</summary>
/// <param name="Name">As the table of differences has it.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Metrics">Its metrics, as Prometheus' text.</param>
/// <param name="Log">Its log.</param>
internal sealed record ConformanceBase(string Name, int Port, Func<Task<string>> Metrics, Func<string> Log);
