using System.Text;
using System.Text.Json;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Transcoding;

/// <summary>Which requests get which transcoder. Any thread.</summary>
internal sealed class TranscoderRule
{
    private readonly string _value = "";
    private readonly byte[]? _name;
    private readonly Func<ITranscoder>? _only, _ofHttp1, _ofHttp2;

    private TranscoderRule(Func<ITranscoder> only) => _only = only;

    private TranscoderRule(string path, TranscoderRuleConfig rule, FilterConfiguration configuration)
    {
        if (rule.MatcherConfig!.Config is { } header)
        {
            _name = HeaderName.Read(path + ".matcher_config.config.name", header.Name);
            _value = header.Value;
        }

        var info = rule.RuleInfo!;
        if (info.Type.Length > 0)
        {
            _only = Find(path + ".rule_info.type", info.Type, info.Config, path + ".rule_info.config", configuration);
            return;
        }

        if (info.UpstreamProtocol.Length == 0)
        {
            throw new FilterConfigurationException(path + ".rule_info.upstream_protocol", "wanted \"upstream_protocol\" or \"type\"");
        }

        // MOSN looks for these when a request comes, by the protocol that it came in.
        _ofHttp1 = FindOrNull("Http1_" + info.UpstreamProtocol, info.Config, path, configuration);
        _ofHttp2 = FindOrNull("Http2_" + info.UpstreamProtocol, info.Config, path, configuration);
        if (_ofHttp1 is null && _ofHttp2 is null)
        {
            throw new FilterConfigurationException(
                path + ".rule_info.upstream_protocol", $"there is no transcoder \"Http1_{info.UpstreamProtocol}\" or \"Http2_{info.UpstreamProtocol}\" (there are: {string.Join(", ", configuration.Transcoders.Names)})");
        }
    }

    /// <summary>A rule for every request.</summary>
    internal static TranscoderRule ForAll(string type, JsonElement? config, FilterConfiguration configuration) => new(Find("$.type", type, config, "$.config", configuration));

    /// <summary>A rule of the configuration.</summary>
    internal static TranscoderRule Read(string path, TranscoderRuleConfig? rule, FilterConfiguration configuration)
        => new(path, rule ?? throw new FilterConfigurationException(path, "wanted an object"), configuration);

    /// <summary>Is the rule for that request?</summary>
    internal bool Matches(RequestHeaders headers) => _name is null || headers.GetString(_name) == _value;

    /// <summary>Makes a transcoder; null where there is none for the client's protocol.</summary>
    internal ITranscoder? Create(string protocol) => (_only ?? (protocol.StartsWith("HTTP/2", StringComparison.Ordinal) ? _ofHttp2 : _ofHttp1))?.Invoke();

    private static Func<ITranscoder>? FindOrNull(string type, JsonElement? config, string path, FilterConfiguration configuration)
        => configuration.Transcoders.Find(type) is null ? null : Find(path + ".rule_info.upstream_protocol", type, config, path + ".rule_info.config", configuration);

    private static Func<ITranscoder> Find(string path, string type, JsonElement? config, string configPath, FilterConfiguration configuration)
    {
        var creator = configuration.Transcoders.Find(type)
            ?? throw new FilterConfigurationException(path, $"there is no transcoder \"{type}\" (there are: {(configuration.Transcoders.Names is { Count: > 0 } names ? string.Join(", ", names) : "none")})");
        try
        {
            return creator(new FilterConfiguration(type, config is { } json ? Encoding.UTF8.GetBytes(json.GetRawText()) : default, configuration.BaseDirectory) { HasHosts = configuration.HasHosts });
        }
        catch (FilterConfigurationException e)
        {
            throw new FilterConfigurationException(configPath + e.Path[1..], e.Message, e);
        }
    }
}
