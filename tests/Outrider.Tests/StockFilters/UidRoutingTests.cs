using System.Globalization;
using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Envoy;

namespace Outrider.Tests.StockFilters;

/// <summary>The sample <c>uid-routing</c> as a user runs it, but for its ports: in our own proxy, and in a stock Envoy by the same class.</summary>
[Collection(EnvoyCollection.Name)]
public sealed partial class UidRoutingTests(EnvoyModules modules)
{
    private static readonly int[] s_ports = [3450, 3451, 3452, 3453];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Our_own_proxy_sends_a_request_to_the_site_of_its_user_whatever_loop_it_comes_to(int loops)
    {
        using var sample = await Sample.StartAsync("mosn.json", 2990);
        string file = sample.Write(text => text.Replace("\"default_log_path\"", $"\"processor\": {loops}, \"default_log_path\"", StringComparison.Ordinal));
        using var proxy = OutriderProcess.Start("start", "-c", file);
        await proxy.ListensAsync(sample.Port);

        await sample.AnswersAsync("s1 from 3450");
    }

    [EnvoyFact]
    public async Task A_stock_Envoy_answers_the_same()
    {
        string module = await modules.PublishAsync("src/Outrider.StockFilters.Envoy");
        using var sample = await Sample.StartAsync("envoy.yaml", 2990);
        string file = sample.Write(text => Library().Replace(text, Path.Combine(modules.Folder, $"lib{module}.so")));
        using var envoy = OutriderProcess.StartOther(
            EnvoyFactAttribute.Program!, "-c", file, "--concurrency", "1", "--base-id", (Environment.ProcessId + 5000).ToString(CultureInfo.InvariantCulture), "-l", "warn");
        await envoy.ListensAsync(sample.Port);

        // Where Envoy's round begins is drawn.
        await sample.AnswersAsync(first: null);
    }

    [GeneratedRegex("src/[^ ]*liboutrider_filters.so")]
    private static partial Regex Library();

    /// <summary>The four hosts, and a file of the sample with ports that are free.</summary>
    private sealed class Sample : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("outrider-uid-").FullName;
        private readonly List<OutriderProcess> _hosts = [];
        private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
        private readonly string _name;
        private string _text;

        private Sample(string name)
        {
            _name = name;
            _text = File.ReadAllText(Path.Combine(SampleCopy.Root, "samples/uid-routing", name));
        }

        internal int Port { get; } = OutriderProcess.FreePort();

        internal static async Task<Sample> StartAsync(string name, int listener)
        {
            var sample = new Sample(name);
            sample.Take(listener, sample.Port);
            foreach (int host in s_ports)
            {
                int port = OutriderProcess.FreePort();
                sample.Take(host, port);
                string site = host < 3452 ? "s1" : host == 3452 ? "s2" : "s3";
                var process = OutriderProcess.Start("echo", "--listen", $"127.0.0.1:{port}", "--text", $"site {site} from {host}");
                sample._hosts.Add(process);
                await process.ListensAsync(port);
            }

            return sample;
        }

        internal string Write(Func<string, string> edit)
        {
            string file = Path.Combine(_folder, _name);
            File.WriteAllText(file, edit(_text));
            return file;
        }

        /// <summary>Asks as the issue does, each time by a connection of its own.</summary>
        internal async Task AnswersAsync(string? first)
        {
            string[] s1 = [await AskAsync("2"), await AskAsync("2"), await AskAsync("2"), await AskAsync("2")];
            Assert.Equal(["site s1 from 3450", "site s1 from 3451"], s1[..2].Order(StringComparer.Ordinal));
            Assert.Equal(s1[..2], s1[2..]);
            Assert.True(first is null || s1[0] == "site " + first, s1[0]);
            Assert.Equal("site s2 from 3452", await AskAsync("200"));
            Assert.Equal("site s3 from 3453", await AskAsync("201"));
            foreach (string? uid in new[] { null, "none" })
            {
                string[] all = [await AskAsync(uid), await AskAsync(uid), await AskAsync(uid), await AskAsync(uid)];
                Assert.Equal(["site s1 from 3450", "site s1 from 3451", "site s2 from 3452", "site s3 from 3453"], all.Order(StringComparer.Ordinal));
            }
        }

        public void Dispose()
        {
            _client.Dispose();
            _hosts.ForEach(host => host.Dispose());
            Directory.Delete(_folder, recursive: true);
        }

        private void Take(int port, int free)
        {
            string before = port.ToString(CultureInfo.InvariantCulture);
            Assert.Contains(before, _text, StringComparison.Ordinal);
            // Ports that are free may have the digits of another: both files name them after these.
            foreach (string lead in new[] { "127.0.0.1:", "port_value: " })
            {
                _text = Regex.Replace(_text, $"{Regex.Escape(lead)}{before}\\b", lead + "#" + free.ToString(CultureInfo.InvariantCulture));
            }

            _text = port == s_ports[^1] ? _text.Replace(":#", ":", StringComparison.Ordinal).Replace(" #", " ", StringComparison.Ordinal) : _text;
        }

        private async Task<string> AskAsync(string? uid)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/");
            if (uid is not null)
            {
                request.Headers.Add("uid", uid);
            }

            using var response = await _client.SendAsync(request);
            return (await response.Content.ReadAsStringAsync()).Split('\n')[0];
        }
    }
}
