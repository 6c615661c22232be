namespace Outrider.Proxy.Admin;

/// <summary>One page of the admin API: an extension point, registered in <see cref="AdminHandlerRegistry"/> and named by <c>admin.handlers</c>.</summary>
internal interface IAdminHandler
{
    /// <summary>The path that it answers, letter by letter: <c>/api/v1/version</c>.</summary>
    string Path { get; }

    /// <summary>Is that path the page's? Default: the very <see cref="Path"/>. A page that answers several writes what varies in capitals in its <see cref="Path"/>.</summary>
    bool Answers(string path) => path == Path;

    /// <summary>The method that it answers: <c>GET</c> (the default, with which goes HEAD) or <c>POST</c>.</summary>
    string Method => "GET";

    /// <summary>Does this request change something? It is answered as POST alone then, whatever <see cref="Method"/> says: a link or an image of a web page is a GET.</summary>
    bool Changes(AdminRequest request) => Method == "POST";

    /// <summary>Does it answer only where <c>admin.token</c> is set? For what is as good as the file: whoever may write a listener may name a library to run. Default false.</summary>
    bool NeedsToken => false;

    /// <summary>Does it answer only clients on this machine, unless the configuration says otherwise? Default: where the request changes something. For what shows memory or stops threads, too.</summary>
    bool IsSensitive(AdminRequest request) => Changes(request);

    /// <summary>Most bytes that the body of a request may have. Default 64 KiB, less what the head takes.</summary>
    int MaxBody => 64 * 1024;

    /// <summary>What the page shows or does, for the list of pages: parameters, and a few words. Default: nothing.</summary>
    string Summary => "";

    /// <summary>Answers a request. On a thread of the pool, several at a time. What it throws becomes a 500.</summary>
    ValueTask<AdminResponse> HandleAsync(AdminRequest request);
}
