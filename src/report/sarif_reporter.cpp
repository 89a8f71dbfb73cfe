// SARIF 2.1.0 for code scanning, within what GitHub takes.
#include "report/reporters.hpp"
#include "report/view.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace anecompat::report {

namespace {

using Json = nlohmann::ordered_json;

// GitHub keeps the 5,000 most important results of a run and takes 10 MB (compressed; we stay below
// without).
constexpr std::size_t k_most_results = 5000;
constexpr std::size_t k_most_bytes = 10'000'000;
constexpr std::size_t k_reserve = 4096;  // for what follows the results
constexpr std::size_t k_longest_description = 1024;
constexpr std::size_t k_longest_text = 16'384;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string clean(std::string_view text, std::size_t limit) {
  return printable(cut_to_bytes(strip_ansi(cut_to_bytes(text, limit)), limit));
}

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::notice:
      return "note";
    case Severity::off:
      return "none";
  }
  return "none";
}

// A relative path as a URI reference: everything but unreserved characters and "/" encoded.
std::string uri_of(std::string_view path) {
  while (path.starts_with("./"))
    path.remove_prefix(2);
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
    if (plain)
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  // "//host" would be another machine.
  while (uri.starts_with("//"))
    uri.erase(0, 1);
  return uri;
}

Json rule_json(const std::string& id, const RuleText* text) {
  const auto title = text != nullptr && !text->title.empty() ? text->title : id;
  const auto help = text != nullptr && !text->help.empty() ? text->help : title;
  return {{"id", clean(id, k_longest_description)},
          {"shortDescription", {{"text", clean(title, k_longest_description)}}},
          {"fullDescription", {{"text", clean(help, k_longest_description)}}},
          {"help", {{"text", cut_to_bytes(help, k_longest_text)}}}};
}

// Every rule of the catalogue in its order, then those that only findings name.
class Rules {
 public:
  Rules(std::span<const RuleText> texts, const std::vector<const Finding*>& findings) {
    for (const auto& text : texts)
      add(text.id, &text);
    for (const auto* finding : findings)
      add(finding->rule, nullptr);
  }

  std::size_t index(const std::string& id) const { return m_index.at(id); }
  const Json& json() const { return m_json; }

 private:
  void add(const std::string& id, const RuleText* text) {
    if (m_index.try_emplace(id, m_json.size()).second)
      m_json.push_back(rule_json(id, text));
  }

  std::map<std::string, std::size_t> m_index;
  Json m_json = Json::array();
};

Json result_json(const Report& report, const Finding& finding, const Rules& rules) {
  auto text = fmt::format("{}: {}", clean(subject(finding), k_longest_description),
                          clean(finding.message, k_longest_text));
  for (const auto& detail : finding.details) {
    if (text.size() > k_longest_text)
      break;
    text += "\n" + clean(detail, k_longest_text);
  }
  const auto& file = finding.file.empty() ? report.manifest : finding.file;
  const auto line = std::clamp<std::uint64_t>(finding.line, 1, INT32_MAX);
  Json result = {
      {"ruleId", clean(finding.rule, k_longest_description)},
      {"ruleIndex", rules.index(finding.rule)},
      {"level", level_of(finding.severity)},
      {"message", {{"text", cut_to_bytes(text, k_longest_text)}}},
      {"locations",
       Json::array(
           {{{"physicalLocation",
              {{"artifactLocation", {{"uri", uri_of(file.empty() ? "anecompat.yml" : file)}}},
               {"region",
                {{"startLine", line},
                 {"startColumn", 1},
                 {"endLine", line},
                 {"endColumn", 2}}}}}}})}};
  if (!finding.fingerprint.empty()) {
    // GitHub tracks alerts by the first; its value has the form of the hashes it makes itself.
    result["partialFingerprints"] = {
        {"primaryLocationLineHash", clean(finding.fingerprint, k_longest_description) + ":1"},
        {"anecompat/v1", clean(finding.fingerprint, k_longest_description)}};
  }
  if (finding.suppressed) {
    result["suppressions"] = Json::array(
        {{{"kind", "external"}, {"justification", clean(*finding.suppressed, k_longest_text)}}});
  }
  return result;
}

Json invocation_json(const Report& report, std::size_t left_out) {
  Json invocation = {{"executionSuccessful", report.exit_code == 0 || report.exit_code == 1},
                     {"exitCode", report.exit_code}};
  if (left_out != 0) {
    invocation["toolExecutionNotifications"] = Json::array(
        {{{"level", "warning"},
          {"message",
           {{"text", fmt::format("{} more in the report: GitHub takes at most {} results and 10 MB",
                                 counted(left_out, "finding"), k_most_results)}}}}});
  }
  return invocation;
}

}  // namespace

std::string render_sarif(const Report& report, std::span<const RuleText> texts) {
  const auto findings = ranked_findings(report, Suppressed::included);
  const Rules rules(texts, findings);

  Json driver = {{"name", "anecompat"}};
  if (!report.tool.version.empty())
    driver["version"] = clean(report.tool.version, k_longest_description);
  driver["rules"] = rules.json();

  std::string out =
      "{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": "
      "\"2.1.0\",\n\"runs\": [{\n";
  out += fmt::format("\"tool\": {{\"driver\": {}}},\n", dump(driver));
  out += "\"columnKind\": \"utf16CodeUnits\",\n\"results\": [";
  std::size_t written = 0;
  for (const auto* finding : findings) {
    if (written == k_most_results)
      break;
    const auto result = dump(result_json(report, *finding, rules));
    if (out.size() + result.size() + k_reserve > k_most_bytes)
      break;
    out += written == 0 ? "\n" : ",\n";
    out += result;
    ++written;
  }
  out += written == 0 ? "],\n" : "\n],\n";
  out += fmt::format("\"invocations\": [{}]\n}}]\n}}\n",
                     dump(invocation_json(report, findings.size() - written)));
  return out;
}

}  // namespace anecompat::report
