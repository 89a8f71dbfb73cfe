#include "manifest/suppressions.hpp"

#include "ane/target.hpp"
#include "manifest/rule_catalogue.hpp"
#include "support/date.hpp"
#include "support/text.hpp"
#include "support/yaml_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace anecompat::manifest {

namespace {

using yaml::MapReader;
using yaml::Problems;

constexpr std::array<std::string_view, 5> k_scopes = {"rule", "model", "op", "target",
                                                      "fingerprint"};

void read_rule(MapReader& reader, Suppression& suppression) {
  suppression.rule = reader.text("rule").value_or("");
  if (suppression.rule.empty())
    return;
  if (find_gate_rule(suppression.rule) == nullptr) {
    reader.problem("rule", yaml::unknown_word("rule", suppression.rule),
                   yaml::advice_for(suppression.rule, gate_rule_ids()));
  } else if (suppression.rule.starts_with("suppression-")) {
    reader.problem("rule", "suppressions cannot be suppressed", "remove or renew the other one");
  }
}

void read_target(MapReader& reader, Suppression& suppression) {
  const auto word = reader.text("target");
  if (!word)
    return;
  const auto target = ane::parse_target(*word);
  if (target)
    suppression.target = ane::to_string(*target);
  else
    reader.problem("target", target.error().message, target.error().advice);
}

void read_fingerprint(MapReader& reader, Suppression& suppression) {
  const auto text = reader.text("fingerprint");
  if (!text)
    return;
  suppression.fingerprint = to_lower(*text);
  if (text->size() != 16 ||
      suppression.fingerprint.find_first_not_of("0123456789abcdef") != std::string::npos)
    reader.problem("fingerprint",
                   fmt::format("expected 16 hex digits, found \"{}\"", printable(*text)),
                   "copy it from the report");
}

void read_expiry(MapReader& reader, Suppression& suppression) {
  reader.require("expires", "a suppression is for a time, its last day");
  const auto text = reader.text("expires");
  if (!text)
    return;
  if (const auto date = parse_date(*text))
    suppression.expires = *date;
  else
    reader.problem("expires", fmt::format("\"{}\" is not a day", printable(*text)),
                   "write it as 2027-03-31");
}

}  // namespace

std::vector<Suppression> read_suppressions(const std::vector<yaml::Node>& list,
                                           Problems& problems) {
  std::vector<Suppression> suppressions;
  for (std::size_t i = 0; i < list.size(); ++i) {
    MapReader reader(list[i], fmt::format("suppressions[{}]", i), problems);
    Suppression suppression;
    suppression.position = list[i].position;
    if (list[i].kind == yaml::Node::Kind::map &&
        std::ranges::none_of(k_scopes, [&](std::string_view key) { return reader.has(key); }))
      reader.problem_here("would accept everything",
                          "say what it is about: `rule`, `model`, `op`, `target` or `fingerprint`");
    read_rule(reader, suppression);
    suppression.model = reader.text("model").value_or("");
    suppression.op = reader.text("op").value_or("");
    read_target(reader, suppression);
    read_fingerprint(reader, suppression);
    reader.require("reason", "say why this is accepted");
    suppression.reason = reader.text("reason").value_or("");
    reader.require("owner", "say who will look at it again");
    suppression.owner = reader.text("owner").value_or("");
    read_expiry(reader, suppression);
    reader.finish();
    suppressions.push_back(std::move(suppression));
  }
  return suppressions;
}

}  // namespace anecompat::manifest
