#include "gate/failures.hpp"

#include "support/subprocess.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace anecompat::gate {

namespace {

using evaluate::Evaluation;
using evaluate::EvaluationError;

// Whether the message alone says what kind of failure it is.
enum class Wording : std::uint8_t { says_all, needs_kind };

struct Kind {
  std::string_view name;
  Wording wording;
  std::string_view advice;
};

constexpr std::array k_kinds = {
    Kind{"not-found", Wording::says_all,
         "paths are relative to the manifest; was the file committed, or fetched by Git LFS?"},
    Kind{
        "unreadable", Wording::says_all,
        "the file is damaged, or is not what its name says: export the model again, or restore it"},
    Kind{"unsupported", Wording::says_all,
         "a newer anecompat may read it; until then leave it out of the manifest"},
    Kind{"download", Wording::says_all, "check the address and the network, then run again"},
    Kind{"system", Wording::says_all,
         "this host refused it: disk space, permissions and memory limits are the usual causes"},
    Kind{"interrupted", Wording::says_all, "run it again"},
    Kind{"timeout", Wording::needs_kind,
         "raise `timeout` of the entry, or look for what hangs in the log lines above"},
    Kind{"crash", Wording::needs_kind,
         "the process that evaluated it ended; a model that does that here may do it in your app: "
         "`--evidence predicted` answers from the file alone"},
    Kind{"memory", Wording::needs_kind,
         "the model is too large for the limit of a worker: split it, or run without --isolate"},
    Kind{
        "protocol", Wording::needs_kind,
        "something else wrote where the worker's answer belongs: a library that prints, or another "
        "version of the program; `anecompat doctor` tells which one runs"},
    Kind{"compile", Wording::says_all,
         "`xcrun coremlcompiler compile` on the model prints the whole message"},
    Kind{
        "load", Wording::says_all,
        "`anecompat doctor` says what this host is: a model of a newer specification version needs "
        "a newer system, and custom layers need the app's own code"},
    Kind{"input", Wording::says_all,
         "inputs are made up from the model's description, which not every type allows: "
         "`--evidence predicted` answers from the file alone"},
    Kind{"prediction", Wording::says_all,
         "the inputs are made up: run the model in an app with real ones, or use `--evidence "
         "predicted`, which runs nothing"},
};

constexpr Kind k_other = {"", Wording::needs_kind,
                          "if the message does not help, run it again with --verbose"};

const Kind& kind_of(const EvaluationError& error) {
  const auto* const found = std::ranges::find(k_kinds, error.kind, &Kind::name);
  return found != k_kinds.end() ? *found : k_other;
}

std::string first_line(const EvaluationError& error, std::string_view line) {
  auto text = printable(line);
  if (kind_of(error).wording == Wording::says_all && !error.signal)
    return text;
  const auto signal = error.signal ? fmt::format(" ({})", signal_name(*error.signal)) : "";
  return fmt::format("{}{}: {}", printable(error.kind), signal, text);
}

// Error::to_string() ends a message with its own advice in parentheses, which is the better one. A
// remark in parentheses is a word or two.
bool has_own_advice(std::string_view message) {
  const auto open = message.rfind(" (");
  return message.ends_with(')') && open != std::string_view::npos &&
         std::ranges::count(message.substr(open + 1), ' ') >= 2;
}

}  // namespace

Draft evaluation_failed(const report::Entry& entry, const Evaluation& evaluation) {
  const auto& error = *evaluation.error;
  const auto lines = split(error.message, '\n');
  Draft result;
  result.finding.rule = "evaluation-failed";
  result.finding.target = evaluation.target;
  result.finding.message = fmt::format("\"{}\" could not be evaluated: {}", printable(entry.name),
                                       first_line(error, lines[0]));
  for (std::size_t i = 1; i < lines.size(); ++i)
    result.finding.details.push_back(printable(lines[i]));
  if (evaluation.attempts.size() > 1)
    result.finding.details.push_back(fmt::format("tried {} times", evaluation.attempts.size()));
  if (!has_own_advice(lines[0]))
    result.finding.details.emplace_back(kind_of(error).advice);
  result.keys = {error.kind, error.signal ? signal_name(*error.signal) : ""};
  return result;
}

Draft not_evaluated(const report::Entry& entry) {
  Draft result;
  result.finding.rule = "evaluation-failed";
  result.finding.message = fmt::format("\"{}\" was not evaluated", printable(entry.name));
  result.finding.details.emplace_back("the run ended before its turn, or had no target for it");
  result.keys = {"not-evaluated", ""};
  return result;
}

}  // namespace anecompat::gate
