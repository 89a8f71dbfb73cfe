// YAML -> CostTable.
#include "ane/cost_table.hpp"
#include "ane/cost_yaml.hpp"
#include "support/embedded_files.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

namespace anecompat::ane {

namespace {

constexpr std::size_t k_max_fallbacks = 8;

OperandSelection read_count(CostYaml& loader, const YAML::Node& term, const std::string& path) {
  OperandSelection selection;
  const YAML::Node count = term["count"];
  if (count.IsScalar() && count.Scalar() == "all") {
    selection.all = true;
  } else {
    selection.all = false;
    selection.names = loader.texts(count, path + ".count");
  }
  if (const auto node = term["except"])
    selection.except = loader.texts(node, path + ".except");
  if (const auto node = term["output"])
    selection.output = loader.boolean(node, path + ".output");
  return selection;
}

// `rates` for one step without end, or `steps`.
std::vector<RateStep> read_steps(CostYaml& loader, const YAML::Node& term,
                                 const std::string& path) {
  std::vector<RateStep> steps;
  const YAML::Node rates = term["rates"];
  const YAML::Node list = term["steps"];
  if (!loader.ok())
    return steps;
  if (rates.IsDefined() == list.IsDefined()) {
    loader.fail(CostYaml::mark_of(term), path + ": either `rates` or `steps` is wanted");
    return steps;
  }
  if (rates.IsDefined())
    return {{.rates = loader.rates(rates, path + ".rates")}};
  if (!loader.sequence(list, path + ".steps"))
    return steps;
  for (std::size_t i = 0; i < list.size() && loader.ok(); ++i) {
    const std::string here = fmt::format("{}.steps[{}]", path, i);
    const YAML::Node node = list[i];
    const bool last = i + 1 == list.size();
    if (!loader.mapping(node, here, {"rates"}, {"below", "measured"}))
      break;
    RateStep step{.rates = loader.rates(node["rates"], here + ".rates")};
    if (node["below"].IsDefined() == last) {
      loader.fail(node.Mark(), here + (last ? ": the last step must not have `below`"
                                            : ": every step but the last needs `below`"));
      break;
    }
    if (!last)
      step.below = loader.positive(node["below"], here + ".below");
    if (!steps.empty() && !(step.below > steps.back().below)) {
      loader.fail(node.Mark(), here + ".below: must be greater than the step before");
      break;
    }
    if (const auto range = node["measured"]) {
      if (!loader.sequence(range, here + ".measured"))
        break;
      if (range.size() != 2) {
        loader.fail(range.Mark(), here + ".measured: [lowest, highest] is wanted");
        break;
      }
      step.measured = std::pair{loader.number(range[0], here + ".measured[0]"),
                                loader.number(range[1], here + ".measured[1]")};
    }
    steps.push_back(step);
  }
  if (loader.ok() && steps.empty())
    loader.fail(list.Mark(), path + ".steps: at least one step is wanted");
  return steps;
}

std::optional<MemoryTerm> read_memory(CostYaml& loader, const YAML::Node& node,
                                      const std::string& path) {
  if (!loader.mapping(node, path, {"count"}, {"output", "except", "on", "per_window_element"}))
    return std::nullopt;
  MemoryTerm term{.count = read_count(loader, node, path)};
  term.on.items.fill(true);
  if (const auto on = node["on"])
    term.on = loader.backends(on, path + ".on");
  if (const auto extra = node["per_window_element"])
    term.per_window_element = loader.number(extra, path + ".per_window_element");
  return term;
}

std::optional<ElementTerm> read_elements(CostYaml& loader, const YAML::Node& node,
                                         const std::string& path) {
  if (!loader.mapping(node, path, {"count"}, {"output", "except", "rates", "steps"}))
    return std::nullopt;
  ElementTerm term{.count = read_count(loader, node, path)};
  term.steps = read_steps(loader, node, path);
  return term;
}

std::optional<FlopTerm> read_flop(CostYaml& loader, const YAML::Node& node,
                                  const std::string& path) {
  if (!loader.mapping(node, path, {"count"},
                      {"per_output", "transposed_y_per_output", "feature", "rates", "steps"}))
    return std::nullopt;
  FlopTerm term;
  term.count =
      loader.word<FlopCount>(node["count"], path + ".count",
                             {{"convolution", FlopCount::convolution},
                              {"transposed_convolution", FlopCount::transposed_convolution},
                              {"linear", FlopCount::linear},
                              {"matrix_product", FlopCount::matrix_product},
                              {"pooling", FlopCount::pooling},
                              {"attention", FlopCount::attention},
                              {"per_output", FlopCount::per_output}});
  if (const auto value = node["per_output"])
    term.per_output = loader.positive(value, path + ".per_output");
  else if (term.count == FlopCount::per_output)
    loader.fail(node.Mark(), path + ": key \"per_output\" is missing");
  if (const auto value = node["transposed_y_per_output"])
    term.transposed_y_per_output = loader.number(value, path + ".transposed_y_per_output");
  if (const auto feature = node["feature"])
    term.feature = loader.word<FlopFeature>(feature, path + ".feature",
                                            {{"flop", FlopFeature::flop},
                                             {"flop_per_byte", FlopFeature::flop_per_byte},
                                             {"output_elements", FlopFeature::output_elements}});
  term.steps = read_steps(loader, node, path);
  if (loader.ok() && term.steps.size() > 1 && term.feature == FlopFeature::none)
    loader.fail(node.Mark(), path + ": several steps need a `feature` to choose by");
  return term;
}

CostRule read_rule(CostYaml& loader, const YAML::Node& node, const std::string& path) {
  CostRule rule;
  if (!loader.mapping(node, path, {"name", "ops", "status", "source"},
                      {"memory", "elements", "flop", "gaps"}))
    return rule;
  rule.name = loader.text(node["name"], path + ".name");
  rule.source = loader.text(node["source"], path + ".source");
  rule.ops = loader.texts(node["ops"], path + ".ops");
  rule.exactness = loader.word<Exactness>(node["status"], path + ".status",
                                          {{"exact", Exactness::exact},
                                           {"fitted", Exactness::fitted},
                                           {"extrapolated", Exactness::extrapolated}});
  if (const auto term = node["memory"])
    rule.memory = read_memory(loader, term, path + ".memory");
  if (const auto term = node["elements"])
    rule.elements = read_elements(loader, term, path + ".elements");
  if (const auto term = node["flop"])
    rule.flop = read_flop(loader, term, path + ".flop");
  if (loader.ok() && !rule.memory && !rule.elements && !rule.flop)
    loader.fail(node.Mark(), path + ": one of memory, elements or flop is wanted");
  if (const auto gaps = node["gaps"]; gaps && loader.sequence(gaps, path + ".gaps")) {
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      const std::string here = fmt::format("{}.gaps[{}]", path, i);
      if (loader.mapping(gaps[i], here, {"dtype", "backends"}))
        rule.gaps.push_back({.dtype = loader.text(gaps[i]["dtype"], here + ".dtype"),
                             .backends = loader.backends(gaps[i]["backends"], here + ".backends")});
    }
  }
  return rule;
}

ChipFamily read_family(CostYaml& loader, const YAML::Node& node, const std::string& path) {
  return loader.word<ChipFamily>(node, path,
                                 {{"h13", ChipFamily::h13},
                                  {"h14", ChipFamily::h14},
                                  {"h15", ChipFamily::h15},
                                  {"h16", ChipFamily::h16},
                                  {"h17", ChipFamily::h17},
                                  {"h18", ChipFamily::h18}});
}

Confidence read_confidence(CostYaml& loader, const YAML::Node& node, const std::string& path) {
  return loader.word<Confidence>(
      node, path,
      {{"low", Confidence::low}, {"medium", Confidence::medium}, {"high", Confidence::high}});
}

void read_version(CostYaml& loader, const YAML::Node& node) {
  if (loader.text(node, "version") != "1" && loader.ok())
    loader.fail(node.Mark(), "version: this program reads version 1");
}

CostTable read_table(CostYaml& loader, const YAML::Node& root) {
  CostTable table;
  if (!loader.mapping(root, "table",
                      {"version", "name", "family", "chip", "os", "source", "confidence",
                       "bandwidth", "solve", "all_units", "default", "classes"},
                      {"unit", "fallback"}))
    return table;
  read_version(loader, root["version"]);
  table.name = loader.text(root["name"], "name");
  table.family = read_family(loader, root["family"], "family");
  table.chip = loader.text(root["chip"], "chip");
  table.os = loader.text(root["os"], "os");
  table.source = loader.text(root["source"], "source");
  table.confidence = read_confidence(loader, root["confidence"], "confidence");
  table.bandwidth = loader.rates(root["bandwidth"], "bandwidth");
  if (const auto unit = root["unit"])
    table.unit = loader.positive(unit, "unit");
  if (const auto fallback = root["fallback"])
    table.fallback_name = loader.text(fallback, "fallback");

  const YAML::Node solve = root["solve"];
  if (loader.mapping(solve, "solve", {"ane_launch", "switch", "ane_last"}, {"gpu_launch"})) {
    table.solve = {.ane_launch = loader.number(solve["ane_launch"], "solve.ane_launch"),
                   .backend_switch = loader.number(solve["switch"], "solve.switch"),
                   .ane_last = loader.number(solve["ane_last"], "solve.ane_last")};
    if (const auto gpu_launch = solve["gpu_launch"])
      table.solve.gpu_launch = loader.number(gpu_launch, "solve.gpu_launch");
  }
  const YAML::Node all_units = root["all_units"];
  if (loader.mapping(all_units, "all_units", {"policy", "note"})) {
    table.all_units = loader.word<AllUnits>(
        all_units["policy"], "all_units.policy",
        {{"solve", AllUnits::solve}, {"ane_or_gpu", AllUnits::ane_or_gpu}, {"gpu", AllUnits::gpu}});
    table.all_units_note = loader.text(all_units["note"], "all_units.note");
  }

  const YAML::Node classes = root["classes"];
  if (!loader.sequence(classes, "classes"))
    return table;
  for (std::size_t i = 0; i < classes.size() && loader.ok(); ++i) {
    const std::string path = fmt::format("classes[{}]", i);
    table.rules.push_back(read_rule(loader, classes[i], path));
    for (const auto& op : table.rules.back().ops)
      if (!table.rule_of_op.emplace(op, i).second)
        loader.fail(classes[i].Mark(),
                    fmt::format("{}.ops: \"{}\" is already in class \"{}\"", path, printable(op),
                                table.rules[table.rule_of_op[op]].name));
  }
  const std::string default_name = loader.text(root["default"], "default");
  const auto found = std::find_if(table.rules.begin(), table.rules.end(),
                                  [&](const CostRule& rule) { return rule.name == default_name; });
  if (loader.ok() && found == table.rules.end())
    loader.fail(root["default"].Mark(),
                fmt::format("default: there is no class \"{}\"", printable(default_name)));
  else
    table.default_rule = static_cast<std::size_t>(found - table.rules.begin());
  return table;
}

struct PolicyFile {
  std::string contents;
  std::string path;
};

Result<PolicyFile> find_policy_file(const std::string& directory, const std::string& name) {
  if (!directory.empty()) {
    const std::string path = (std::filesystem::path(directory) / name).string();
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
      ANECOMPAT_TRY_ASSIGN(std::string contents, read_text_file(path, k_max_yaml_bytes));
      return PolicyFile{std::move(contents), path};
    }
  }
  const std::string embedded_name = "ane/" + name;
  if (const auto contents = embedded_file(embedded_name))
    return PolicyFile{std::string(*contents), embedded_name};
  return fail(Error{.kind = ErrorKind::not_found,
                    .message = fmt::format("there is no cost table \"{}\"", printable(name)),
                    .file = directory,
                    .advice = "name one that is in policies/ane or in the directory given"});
}

class TableSet {
 public:
  explicit TableSet(const std::string& directory) : m_directory(directory) {}

  Result<std::shared_ptr<const CostTable>> table(const std::string& name, std::size_t depth = 0) {
    if (const auto known = m_tables.find(name); known != m_tables.end())
      return known->second;
    // A name becomes a file name: nothing in it may leave the directory.
    if (name.empty() || name.find_first_of("/\\") != std::string::npos)
      return fail(Error{.kind = ErrorKind::manifest,
                        .message = fmt::format("\"{}\" cannot name a table", printable(name))});
    if (depth > k_max_fallbacks)
      return fail(Error{.kind = ErrorKind::manifest,
                        .message = fmt::format("fallbacks of \"{}\" go in a circle", name)});
    ANECOMPAT_TRY_ASSIGN(const PolicyFile file,
                         find_policy_file(m_directory, "costs-" + name + ".yml"));
    ANECOMPAT_TRY_ASSIGN(CostTable parsed, parse_cost_table(file.contents, file.path));
    if (parsed.name != name)
      return fail(Error{.kind = ErrorKind::manifest,
                        .message = fmt::format("name: the file is named after \"{}\", not \"{}\"",
                                               name, printable(parsed.name)),
                        .file = file.path});
    if (!parsed.fallback_name.empty()) {
      ANECOMPAT_TRY_ASSIGN(parsed.fallback, table(parsed.fallback_name, depth + 1));
    }
    auto shared = std::make_shared<const CostTable>(std::move(parsed));
    m_tables.emplace(name, shared);
    return shared;
  }

  auto take() { return std::move(m_tables); }

 private:
  std::string m_directory;
  std::map<std::string, std::shared_ptr<const CostTable>, std::less<>> m_tables;
};

}  // namespace

Result<CostTable> parse_cost_table(std::string_view yaml, std::string_view file) {
  CostYaml loader(file);
  const YAML::Node root = loader.document(yaml);
  CostTable table = loader.ok() ? read_table(loader, root) : CostTable{};
  if (!loader.ok())
    return fail(loader.take_error());
  return table;
}

Result<CostTables> load_cost_tables(const std::string& directory) {
  ANECOMPAT_TRY_ASSIGN(const PolicyFile file, find_policy_file(directory, "cost-tables.yml"));
  CostYaml loader(file.path);
  const YAML::Node root = loader.document(file.contents);
  CostTables all;
  TableSet set(directory);
  if (loader.mapping(root, "cost-tables", {"version", "families"}, {"others"})) {
    read_version(loader, root["version"]);
    if (const auto others = root["others"])
      for (const std::string& name : loader.texts(others, "others"))
        ANECOMPAT_TRY(set.table(name));
    const YAML::Node families = root["families"];
    if (loader.mapping(families, "families", {"h13", "h14", "h15", "h16", "h17", "h18"})) {
      for (const ChipFamily family : k_chip_families) {
        const std::string path = fmt::format(
            "families.h{}", 13 + static_cast<int>(family) - static_cast<int>(ChipFamily::h13));
        const YAML::Node node = families[path.substr(path.find('.') + 1)];
        if (!loader.mapping(node, path, {"table", "confidence"}, {"note"}))
          break;
        const std::string name = loader.text(node["table"], path + ".table");
        TableChoice choice{.confidence =
                               read_confidence(loader, node["confidence"], path + ".confidence")};
        if (const auto note = node["note"])
          choice.note = loader.text(note, path + ".note");
        if (!loader.ok())
          break;
        ANECOMPAT_TRY_ASSIGN(choice.table, set.table(name));
        all.choices.emplace(family, std::move(choice));
      }
    }
  }
  if (!loader.ok())
    return fail(loader.take_error());
  all.tables = set.take();
  return all;
}

}  // namespace anecompat::ane
