using System.Text;
using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Auth;

/// <summary>Users and their passwords, in the text or a file of <c>htpasswd</c>.</summary>
public sealed class BasicAuthConfig : IValidatable, IFileUser, IMetricsUser
{
    private const int MaxFileLength = 16 << 20;

    private readonly Dictionary<string, PasswordHash> _users = new(StringComparer.Ordinal);

    /// <summary>Lines <c>name:hash</c> with a hash in <c>{SHA}</c>, <c>{SSHA}</c> or <c>$apr1$</c>. Default: none.</summary>
    public string Users { get; set; } = "";

    /// <summary>A file of such lines, read when the configuration loads; a relative path begins at the folder of the configuration file. Default: none.</summary>
    public string UsersFile { get; set; } = "";

    /// <summary>What browsers show beside the question for a password. Default <c>Restricted</c>.</summary>
    public string Realm { get; set; } = "Restricted";

    /// <summary>The request header that tells the upstream who it is. A client's own is removed. Default, and empty: none.</summary>
    public string ForwardUsernameHeader { get; set; } = "";

    /// <summary>Takes <c>authorization</c> out of the request that goes on. Default false.</summary>
    public bool HideCredentials { get; set; }

    /// <summary>Lets requests pass unasked: for a route within a listener that asks. Default false.</summary>
    public bool Disable { get; set; }

    [JsonIgnore]
    internal LocalReply Refusal { get; private set; } = null!;

    [JsonIgnore]
    internal byte[] NameHeader { get; private set; } = [];

    [JsonIgnore]
    internal FilterCounter Denied { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        NameHeader = string.IsNullOrEmpty(ForwardUsernameHeader) ? [] : HeaderName.ReadWritable("$.forward_username_header", ForwardUsernameHeader);
        try
        {
            string realm = Realm.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            Refusal = new LocalReply(401, "authentication is needed") { Details = "basic_auth_denied" }.With("www-authenticate", $"Basic realm=\"{realm}\", charset=\"UTF-8\"");
        }
        catch (ArgumentException e)
        {
            throw new FilterConfigurationException("$.realm", e.Message, e);
        }

        if (Disable)
        {
            return;
        }

        ReadLines("$.users", Users);
        if (_users.Count == 0 && string.IsNullOrEmpty(UsersFile))
        {
            throw NoUser("$.users");
        }
    }

    /// <inheritdoc/>
    public void ReadFiles(ConfigurationFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (string.IsNullOrEmpty(UsersFile))
        {
            return;
        }

        ReadLines("$.users_file", Encoding.UTF8.GetString(files.Read("$.users_file", UsersFile, MaxFileLength)));
        if (_users.Count == 0)
        {
            throw NoUser("$.users_file");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Denied = metrics.CreateCounter("denied");
    }

    /// <summary>Is there such a user with such a password?</summary>
    internal bool Knows(string name, byte[] password) => _users.TryGetValue(name, out var hash) && hash.Holds(password);

    private void ReadLines(string path, string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            // Never the line itself in an error, which may hold a password.
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            var hash = colon > 0 ? PasswordHash.Read(line[(colon + 1)..]) : null;
            if (hash is null)
            {
                throw new FilterConfigurationException(path, $"line {i + 1} is not name:hash with a hash in {{SHA}}, {{SSHA}} or $apr1$");
            }

            if (!_users.TryAdd(line[..colon], hash))
            {
                throw new FilterConfigurationException(path, $"line {i + 1} names a user a second time");
            }
        }
    }

    private static FilterConfigurationException NoUser(string path) => new(path, "no user: nobody could pass; wanted lines name:hash in \"users\" or \"users_file\"");
}
