using Outrider.Plugins.Processes.Launching;

namespace Outrider.Plugins.Libraries;

/// <summary>Who else can change a file whose code is to run here.</summary>
internal static class FileTrust
{
    /// <summary>Throws when somebody else than this process's user and root could put other code in a file's place: by the file, or by a folder on its way.</summary>
    /// <exception cref="IOException">Somebody could; the message says by what.</exception>
    internal static void Require(string path)
    {
        string real = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        for (string? at = real; at is not null; at = Path.GetDirectoryName(at))
        {
            if (WhyNot(at, at == real) is { } problem)
            {
                throw new IOException($"{path} is not trusted (trusted_only): {at} {problem}");
            }
        }
    }

    private static string? WhyNot(string path, bool isFile)
    {
        if (FileOwner.OfTarget(path) is not { } owner)
        {
            return "cannot be looked at";
        }

        // In a folder like /tmp only a file's owner may replace it.
        bool isGuarded = !isFile && owner.IsSticky;
        return owner.User != 0 && !owner.IsOurs ? $"belongs to user {owner.User}"
            : owner.MayOthersWrite && !isGuarded ? "may be written by everybody"
            : owner.MayGroupWrite && !isGuarded && owner.Group != 0 ? "may be written by its group"
            : null;
    }
}
