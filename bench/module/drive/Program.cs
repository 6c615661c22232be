using System.Diagnostics;
using System.Globalization;
using System.Text;
using Outrider.Bench.Module;
using Outrider.Net.Loops;
using Outrider.Plugins.Modules;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Libraries;

// module-bench NAME LIBRARY FILTER CONFIG [NAME LIBRARY FILTER CONFIG]…: streams without a network through each filter.
if (args.Length == 0 || args.Length % 4 != 0)
{
    Console.Error.WriteLine("usage: module-bench NAME LIBRARY FILTER CONFIG …");
    return 2;
}

using var loop = new EventLoop(0);
loop.Start();
var rows = new List<Measurement>();
for (int i = 0; i < args.Length; i += 4)
{
    var library = ModuleLibrary.Load(args[i + 1], ModuleLimits.Default.Timeout);
    using var configuration = ModuleConfiguration.Create(library, args[i + 2], ModuleLimits.Default, Encoding.UTF8.GetBytes(args[i + 3]));
    rows.Add(await Measurement.OfAsync(args[i], loop, new ModuleFilterFactory(configuration)));
}

// What filling the two heads takes is the driver's own, and taken off.
var baseline = await Measurement.OfAsync("(heads)", loop, null);
Console.WriteLine($"{"filter",-10} {"ns/stream",10} {"bytes/stream",13}");
foreach (var row in rows)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-10} {Math.Max(0, row.Nanoseconds - baseline.Nanoseconds),10:0} {Math.Max(0, row.Bytes - baseline.Bytes),13:0.0}"));
}

loop.Stop();
await loop.Stopped;
return 0;
