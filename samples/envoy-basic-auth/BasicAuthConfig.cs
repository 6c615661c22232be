using System.Text;
using Outrider.Filters;

namespace Outrider.Samples.EnvoyBasicAuth;

/// <summary>Who may pass: <c>{ "username": "foo", "password": "bar" }</c>, for all requests or for those of one route.</summary>
public sealed class BasicAuthConfig : IValidatable
{
    /// <summary>The user's name; no colon. Required, unless <see cref="Open"/>.</summary>
    public string Username { get; set; } = "";

    /// <summary>The user's password.</summary>
    public string Password { get; set; } = "";

    /// <summary>What the browser shows to the user that it asks. Default <c>outrider</c>.</summary>
    public string Realm { get; set; } = "outrider";

    /// <summary>True lets everybody pass: for a route that is public. Default false.</summary>
    public bool Open { get; set; }

    /// <summary>What a client must send in <c>authorization</c>, behind the scheme's name.</summary>
    internal byte[] Credentials { get; private set; } = [];

    /// <summary>The answer to a client that does not.</summary>
    internal LocalReply Refusal { get; private set; } = new(401);

    /// <inheritdoc/>
    public void Validate()
    {
        if (!Open && string.IsNullOrEmpty(Username))
        {
            throw new FilterConfigurationException("$.username", "a user's name is needed");
        }

        if (Username.Contains(':', StringComparison.Ordinal))
        {
            throw new FilterConfigurationException("$.username", "a colon ends the name (RFC 7617 §2), so the name has none");
        }

        if (Realm.Contains('"', StringComparison.Ordinal) || !HeaderSyntax.IsValue(Encoding.UTF8.GetBytes(Realm)))
        {
            throw new FilterConfigurationException("$.realm", "no quotation marks and no control characters");
        }

        Credentials = Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")));
        Refusal = new LocalReply(401, "invalid username or password") { Details = "basic_auth" }.With("www-authenticate", $"Basic realm=\"{Realm}\"");
    }
}
