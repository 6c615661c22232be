using System.Globalization;

namespace Outrider.Tests.Harness;

/// <summary>A control group with a limit of memory, as a container has one; goes when the processes in it have ended.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;

    private MemoryGroup(string folder) => _folder = folder;

    /// <summary>Makes one, of either version of control groups (cgroups(7)). Null where that is not possible: not root, or no controller.</summary>
    internal static MemoryGroup? TryMake(long bytes)
    {
        const string Root = "/sys/fs/cgroup";
        string name = "outrider-test-" + Guid.NewGuid().ToString("N")[..8];
        foreach (var (parent, limit) in new[] { (Root + "/memory", "memory.limit_in_bytes"), (Root, "memory.max") })
        {
            if (!File.Exists(Path.Combine(parent, "cgroup.procs")))
            {
                continue;
            }

            string folder = Path.Combine(parent, name);
            try
            {
                Directory.CreateDirectory(folder);
                if (File.Exists(Path.Combine(folder, limit)))
                {
                    File.WriteAllText(Path.Combine(folder, limit), bytes.ToString(CultureInfo.InvariantCulture));
                    return new MemoryGroup(folder);
                }

                Directory.Delete(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder);
                }
            }
        }

        return null;
    }

    /// <summary>The arguments of <c>/bin/sh</c> that go before a program's own, so that it begins in the group.</summary>
    internal string[] Enter(string program) => ["-c", $"echo $$ > {_folder}/cgroup.procs && exec \"$0\" \"$@\"", program];

    public void Dispose()
    {
        // The kernel lets go of a process a moment after it was waited for.
        for (int left = 100; left > 0; left--)
        {
            try
            {
                Directory.Delete(_folder);
                return;
            }
            catch (IOException) when (left > 1)
            {
                Thread.Sleep(20);
            }
        }
    }
}
