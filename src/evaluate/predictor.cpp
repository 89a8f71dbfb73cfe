#include "evaluate/predictor.hpp"

#include "ane/rules.hpp"
#include "coreml/model_reader.hpp"
#include "evaluate/analysis.hpp"
#include "evaluate/model_digest.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

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

class Predictor : public Evaluator {
 public:
  Predictor(std::shared_ptr<const ane::RuleSet> rules, std::vector<std::string> what_if)
      : m_rules(std::move(rules)), m_what_if(std::move(what_if)) {}

  Answer evaluate(const Request& request) const override {
    const auto start = Clock::now();
    Answer answer;
    auto evaluations = predict(request, answer.model);
    if (evaluations) {
      answer.evaluations = std::move(*evaluations);
    } else {
      const auto& error = evaluations.error();
      for (const auto target : request.targets) {
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
    ANECOMPAT_TRY_ASSIGN(const auto identity, digest_of_model(request.model_path));
    facts.digest = identity.digest;
    facts.size = identity.size;
    ANECOMPAT_TRY_ASSIGN(const auto graph, coreml::read_model(request.model_path));
    facts.format = graph.format();
    facts.type = graph.model().type_name;
    facts.spec_version = graph.model().spec_version;
    ANECOMPAT_TRY(check_function(graph.model(), request.function));
    return evaluate_graph(graph, request.targets, *m_rules,
                          {.function = request.function, .what_if = m_what_if});
  }

  std::shared_ptr<const ane::RuleSet> m_rules;
  std::vector<std::string> m_what_if;
};

}  // namespace

Result<std::unique_ptr<Evaluator>> make_predictor(const PredictorOptions& options) {
  ANECOMPAT_TRY_ASSIGN(auto rules, ane::RuleSet::load(options.rules_directory));
  return std::make_unique<Predictor>(std::move(rules), options.what_if);
}

}  // namespace anecompat::evaluate
