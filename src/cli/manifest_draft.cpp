#include "cli/manifest_draft.hpp"

#include "cli/single_model.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace anecompat::cli {

namespace {

using ane::Level;

// A YAML scalar: plain where nothing in it can mean anything else, else double-quoted.
std::string scalar(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_';
  };
  const auto is_plain_inside = [&](char c) {
    return is_plain(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '@' || c == '+';
  };
  static constexpr std::array<std::string_view, 9> k_words = {"null", "true", "false", "yes", "no",
                                                              "on",   "off",  "y",     "n"};
  const auto lower = to_lower(text);
  if (!text.empty() && is_plain(text.front()) && std::ranges::all_of(text, is_plain_inside) &&
      std::ranges::find(k_words, lower) == k_words.end())
    return std::string(text);
  std::string out = "\"";
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02X}", byte);
    else
      out += c;
  }
  return out + "\"";
}

// What holds for all levels reached; empty when nothing useful does.
std::string expectation(const std::vector<evaluate::Evaluation>& evaluations) {
  const auto all = [&](Level level) {
    return std::ranges::all_of(evaluations,
                               [&](const auto& evaluation) { return evaluation.level == level; });
  };
  const bool some_unknown = std::ranges::any_of(evaluations, [](const auto& evaluation) {
    return evaluation.error.has_value() || evaluation.level == Level::unknown;
  });
  if (evaluations.empty() || some_unknown)
    return {};
  for (const auto level : {Level::full, Level::partial, Level::none}) {
    if (all(level))
      return std::string(ane::to_string(level));
  }
  const bool some_none = std::ranges::any_of(
      evaluations, [](const auto& evaluation) { return evaluation.level == Level::none; });
  return some_none ? std::string() : "at-least-partial";
}

// Why nothing can be expected.
std::string obstacle(const std::vector<evaluate::Evaluation>& evaluations) {
  std::string levels;
  for (const auto& evaluation : evaluations) {
    if (evaluation.error)
      return "cannot be evaluated: " + evaluation.error->message;
    if (evaluation.level == Level::unknown)
      return "unknown: " + (evaluation.reason ? evaluation.reason->message : "no reason given");
    levels += fmt::format("{}{} on {}", levels.empty() ? "" : ", ",
                          ane::to_string(evaluation.level), evaluation.target);
  }
  return levels;
}

std::string entry_text(const FoundModel& model, const std::string& name) {
  const auto expect = expectation(model.entry.evaluations);
  std::string out;
  if (expect.empty())
    out += "  # " + printable(obstacle(model.entry.evaluations)) + "\n";
  out += fmt::format("  - name: {}\n    path: {}\n", scalar(name), scalar(model.path));
  return out + fmt::format("    expect: {}\n", expect.empty() ? "any" : expect);
}

std::string without_endings(const std::string& path) {
  const auto directory = path.substr(0, path.rfind('/') + 1);
  return directory + model_stem(path);
}

// "c", "b/c", "a/b/c" for "a/b/c".
std::vector<std::string> path_endings(const std::string& path) {
  std::vector<std::string> endings;
  for (auto at = path.rfind('/'); at != std::string::npos && at != 0; at = path.rfind('/', at - 1))
    endings.push_back(path.substr(at + 1));
  endings.push_back(path);
  return endings;
}

}  // namespace

std::vector<std::string> unique_names(std::span<const FoundModel> models) {
  std::map<std::string, int> models_named_so;  // side by side: m.mlmodel and m.mlpackage
  std::map<std::string, int> models_ending_so;
  for (const auto& model : models) {
    ++models_named_so[without_endings(model.path)];
    for (const auto& ending : path_endings(without_endings(model.path)))
      ++models_ending_so[ending];
  }
  std::vector<std::string> names;
  for (const auto& model : models) {
    const auto endings = path_endings(without_endings(model.path));
    const auto own = std::ranges::find_if(
        endings, [&](const std::string& ending) { return models_ending_so[ending] == 1; });
    if (own != endings.end())
      names.push_back(*own);
    else
      names.push_back(models_named_so[endings.back()] == 1 ? endings.back() : model.path);
  }
  // A stem at the top and a path below it may still be the same text; full paths never are.
  std::map<std::string, int> seen;
  for (const auto& name : names)
    ++seen[name];
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (seen[names[i]] > 1)
      names[i] = models[i].path;
  }
  return names;
}

std::string draft_manifest(std::span<const FoundModel> models,
                           std::span<const ane::Target> targets) {
  std::string target_list;
  for (const auto& target : targets)
    target_list += fmt::format("{}{}", target_list.empty() ? "" : ", ", ane::to_string(target));
  auto out = std::string(
      "# Written by `anecompat init`: each model with the level it reaches now, as predicted from\n"
      "# its file. Raise what should be better, then run `anecompat check`.\n"
      "version: 1\n"
      "policy: pre-merge\n");
  out += fmt::format("defaults:\n  targets: [{}]\nmodels:\n", target_list);
  const auto names = unique_names(models);
  for (std::size_t i = 0; i < models.size(); ++i)
    out += entry_text(models[i], names[i]);
  return out;
}

}  // namespace anecompat::cli
