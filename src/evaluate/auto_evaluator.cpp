#include "evaluate/auto_evaluator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace anecompat::evaluate {

namespace {

class AutoEvaluator : public Evaluator {
 public:
  AutoEvaluator(EvidenceWanted wanted, HostAbility host, std::shared_ptr<const Evaluator> predictor,
                std::unique_ptr<Evaluator> runner)
      : m_wanted(wanted),
        m_host(std::move(host)),
        m_predictor(std::move(predictor)),
        m_runner(std::move(runner)) {}

  Answer evaluate(const Request& request) const override {
    auto own = request;
    auto others = request;
    std::erase_if(own.targets, [this](const ane::Target& target) { return !is_host(target); });
    std::erase_if(others.targets, [this](const ane::Target& target) { return is_host(target); });
    if (!can_run() || own.targets.empty())
      return without_running(request);
    auto measured = m_runner->evaluate(own);
    if (others.targets.empty())
      return measured;
    return in_order(request, std::move(measured), without_running(others));
  }

 private:
  bool can_run() const {
    return m_wanted != EvidenceWanted::predicted && m_host.ane && m_host.family && m_runner;
  }

  bool is_host(const ane::Target& target) const {
    if (m_host.family != target.chip)
      return false;
    const auto& asked = target.os;
    return !asked || (m_host.os && m_host.os->platform == asked->platform &&
                      m_host.os->major == asked->major &&
                      (asked->minor == 0 || m_host.os->minor == asked->minor));
  }

  // The prediction where that is wanted or good enough. Where it is not, the model is still read: a
  // model that cannot be read is an error and not merely unknown.
  Answer without_running(const Request& request) const {
    auto answer = m_predictor->evaluate(request);
    if (m_wanted == EvidenceWanted::automatic || m_wanted == EvidenceWanted::predicted)
      return answer;
    for (auto& evaluation : answer.evaluations) {
      if (!evaluation.error)
        evaluation = unknown(evaluation);
    }
    return answer;
  }

  Evaluation unknown(const Evaluation& predicted) const {
    Evaluation evaluation;
    evaluation.target = predicted.target;
    evaluation.evidence =
        m_wanted == EvidenceWanted::planned ? ane::Evidence::planned : ane::Evidence::measured;
    evaluation.reason = why_unknown(predicted.target);
    evaluation.attempts = predicted.attempts;
    evaluation.duration = predicted.duration;
    return evaluation;
  }

  Reason why_unknown(const std::string& target) const {
    if (m_host.virtual_machine)
      return {"virtual-machine", m_host.why_not};
    if (!m_host.ane)
      return {"no-ane-host", m_host.why_not};
    if (!m_runner)
      return {"no-evidence", "this build of anecompat can only predict"};
    const auto asked = ane::parse_target(target);
    if (asked && m_host.family == asked->chip)
      return {"other-os", fmt::format("this host runs {}, not {}",
                                      m_host.os ? ane::display_name(*m_host.os)
                                                : std::string("an unknown system"),
                                      asked->os ? ane::display_name(*asked->os) : std::string())};
    return {"other-chip",
            fmt::format("this host can answer for {} only, not for {}",
                        m_host.family ? ane::to_string(*m_host.family) : "a chip not known here",
                        target)};
  }

  // Targets in the order asked for, from two answers about the same model.
  static Answer in_order(const Request& request, Answer first, Answer second) {
    Answer answer;
    // A run that was lost says nothing about the file.
    answer.model = first.model.digest.empty() ? second.model : first.model;
    for (const auto& target : request.targets) {
      for (auto* from : {&first, &second}) {
        for (auto& evaluation : from->evaluations) {
          if (evaluation.target == ane::to_string(target))
            answer.evaluations.push_back(std::move(evaluation));
        }
      }
    }
    return answer;
  }

  EvidenceWanted m_wanted;
  HostAbility m_host;
  std::shared_ptr<const Evaluator> m_predictor;
  std::unique_ptr<Evaluator> m_runner;
};

}  // namespace

std::unique_ptr<Evaluator> make_auto_evaluator(EvidenceWanted wanted, HostAbility host,
                                               std::shared_ptr<const Evaluator> predictor,
                                               std::unique_ptr<Evaluator> runner) {
  return std::make_unique<AutoEvaluator>(wanted, std::move(host), std::move(predictor),
                                         std::move(runner));
}

}  // namespace anecompat::evaluate
