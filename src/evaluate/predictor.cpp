#include "evaluate/predictor.hpp"

#include "ane/cost_table.hpp"
#include "ane/rules.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/walk.hpp"
#include "evaluate/analysis.hpp"
#include "evaluate/structure_digest.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace anecompat::evaluate {

namespace {

using Clock = std::chrono::steady_clock;

// The function asked for must be there: predicting another one would answer a question nobody
// asked.
Result<void> check_function(const coreml::Model& model, const std::string& function) {
  if (function.empty())
    return {};
  std::vector<std::string_view> names;
  for (const auto& candidate : model.functions) {
    if (candidate.name == function)
      return {};
    names.push_back(candidate.name);
  }
  const auto meant = did_you_mean(function, names);
  std::string advice;
  if (meant)
    advice = fmt::format("did you mean \"{}\"?", printable(*meant));
  else if (!names.empty())
    advice = fmt::format("the first of its functions is \"{}\"", printable(names[0]));
  return fail({.kind = ErrorKind::not_found,
               .message = fmt::format("the model has no function \"{}\"", printable(function)),
               .advice = advice});
}

// What was probably meant by a pattern that matches nothing.
std::string nearest(std::string_view pattern, std::span<const std::string> paths) {
  constexpr std::size_t k_named = 3;
  const std::vector<std::string_view> candidates(paths.begin(), paths.end());
  if (const auto meant = did_you_mean(pattern, candidates))
    return fmt::format("did you mean \"{}\"?", printable(*meant));
  std::string named;
  std::size_t count = 0;
  const auto add = [&](std::string_view path) {
    if (count++ < k_named)
      named += fmt::format("{}\"{}\"", named.empty() ? "" : ", ", printable(path));
  };
  const auto name_of = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  for (const auto path : candidates) {
    if (name_of(path) == pattern)
      add(path);
  }
  const bool exact = count > 0;
  for (const auto path : candidates) {
    const std::array own = {name_of(path)};
    if (!exact &&
        (path.find(pattern) != std::string_view::npos || did_you_mean(pattern, own).has_value()))
      add(path);
  }
  if (count > k_named)
    named += fmt::format(" or one of {} more", count - k_named);
  return named.empty()
             ? "op paths are those that `anecompat explain --all-ops` lists; `*` does not "
               "cross a `/`, `**` does"
             : "did you mean " + named + "?";
}

// A question about no operation would be answered as if it had not been asked.
Result<void> check_what_if(const coreml::Graph& graph, const std::string& function,
                           std::span<const WhatIf> questions) {
  if (questions.empty())
    return {};
  std::vector<bool> met(questions.size());
  std::vector<std::string> paths;
  coreml::walk(graph, function, [&](const coreml::OperationSite& site) {
    if (site.op.kind != coreml::OperationKind::compute)
      return;
    const auto path = site.path();
    for (std::size_t i = 0; i < questions.size(); ++i)
      met[i] = met[i] || glob_match(questions[i].pattern, path);
    paths.push_back(path);
  });
  const auto missed = std::ranges::find(met, false);
  if (missed == met.end())
    return {};
  const auto& pattern = questions[static_cast<std::size_t>(missed - met.begin())].pattern;
  return fail({.kind = ErrorKind::usage,
               .message = fmt::format("--what-if: no operation matches \"{}\"", printable(pattern)),
               .advice = nearest(pattern, paths)});
}

class Predictor : public Evaluator {
 public:
  Predictor(std::shared_ptr<const ane::RuleSet> rules, std::vector<WhatIf> what_if)
      : m_rules(std::move(rules)), m_what_if(std::move(what_if)) {}

  Result<void> load_tables(const std::string& directory) const {
    const std::scoped_lock lock(m_tables_mutex);
    if (!m_tables) {
      ANECOMPAT_TRY_ASSIGN(m_tables, ane::load_cost_tables(directory));
    }
    return {};
  }

  Answer evaluate(const Request& request) const override {
    const auto start = Clock::now();
    Answer answer;
    auto evaluations = predict(request, answer.model);
    if (evaluations) {
      answer.evaluations = std::move(*evaluations);
    } else {
      const auto& error = evaluations.error();
      for (const auto& target : request.targets) {
        Evaluation failed;
        failed.target = ane::to_string(target);
        failed.error = EvaluationError{
            .kind = to_string(error.kind), .signal = std::nullopt, .message = error.to_string()};
        answer.evaluations.push_back(std::move(failed));
      }
    }
    const auto spent = Clock::now() - start;
    for (auto& evaluation : answer.evaluations) {
      evaluation.duration = std::chrono::duration_cast<std::chrono::microseconds>(spent);
      evaluation.attempts.push_back(
          {.outcome = evaluation.error ? "error" : "ok",
           .message = evaluation.error ? evaluation.error->message : std::string(),
           .duration = std::chrono::duration_cast<std::chrono::milliseconds>(spent)});
    }
    return answer;
  }

 private:
  Result<std::vector<Evaluation>> predict(const Request& request, ModelFacts& facts) const {
    ANECOMPAT_TRY_ASSIGN(const auto identity, digest_of_structure(request.model_path));
    facts.digest = identity.digest;
    facts.size = identity.size;
    ANECOMPAT_TRY_ASSIGN(const auto graph, coreml::read_model(request.model_path));
    facts.format = graph.format();
    facts.type = graph.model().type_name;
    facts.spec_version = graph.model().spec_version;
    ANECOMPAT_TRY(check_function(graph.model(), request.function));
    ANECOMPAT_TRY(check_what_if(graph, request.function, m_what_if));
    ANECOMPAT_TRY(load_tables({}));
    return evaluate_graph(graph, request.targets, *m_rules, *m_tables,
                          {.function = request.function,
                           .compute_units = request.compute_units,
                           .reshape_frequency = request.reshape_frequency,
                           .what_if = m_what_if});
  }

  std::shared_ptr<const ane::RuleSet> m_rules;
  std::vector<WhatIf> m_what_if;
  mutable std::mutex m_tables_mutex;
  mutable std::optional<ane::CostTables> m_tables;  // set once, then only read
};

}  // namespace

Result<std::unique_ptr<Evaluator>> make_predictor(const PredictorOptions& options) {
  ANECOMPAT_TRY_ASSIGN(auto rules, ane::RuleSet::load(options.rules_directory));
  std::vector<WhatIf> what_if;
  for (const auto& question : options.what_if)
    what_if.push_back(parse_what_if(question));
  auto predictor = std::make_unique<Predictor>(std::move(rules), std::move(what_if));
  if (!options.rules_directory.empty())
    ANECOMPAT_TRY(predictor->load_tables(options.rules_directory));
  return predictor;
}

}  // namespace anecompat::evaluate
