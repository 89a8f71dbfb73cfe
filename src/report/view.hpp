// What several formats say alike: order of findings, counts in words, reasons in groups.
#pragma once

#include "report/report.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::report {

enum class Suppressed : std::uint8_t { left_out, included };

// Findings that are worth telling (not off), the most important first: by severity, then by rule
// in the order of the gate's rules, then in report order; suppressed ones last.
std::vector<const Finding*> ranked_findings(const Report& report, Suppressed suppressed);

// True when the evaluation failed in a way the policy lets pass.
bool failure_tolerated(const Report& report, const Entry& entry,
                       const evaluate::Evaluation& evaluation);

// The findings of an entry that concern one target, or all of them.
bool concerns(const Finding& finding, const evaluate::Evaluation& evaluation);

// "PASSED", "FAILED", "NOTHING TO CHECK", … for an exit code of `check`.
std::string_view verdict(int exit_code);

// "12 models, 30 evaluations: 20 full, 6 partial, 2 none, 2 failed"
std::string evaluations_in_words(const Totals& totals);
// "3 errors, 1 warning"; "no findings"
std::string findings_in_words(const Totals& totals);
// Both, and the verdict.
std::string summary_line(const Report& report);

// "detector on h16", "detector", or "the whole run".
std::string subject(const Finding& finding);
// "anecompat.yml:12"; empty when unknown.
std::string location(const Finding& finding);

// "97.3 %", never rounded up to 100 or down to 0; "–" when unknown.
std::string percent(std::optional<double> share);

// "0.013 s" as XML wants it: seconds with three decimals.
std::string seconds(std::chrono::microseconds duration);

// Operations off the ANE that share one reason.
struct ReasonGroup {
  ane::Reason reason;            // code, and the message of the first
  std::vector<std::size_t> ops;  // by index
};

// The most common first; operations without a reason are left out.
std::vector<ReasonGroup> reason_groups(const evaluate::Evaluation& evaluation);

// Why the evaluation is not simply "full", in a few words: the error, the reason that decided, or
// the most common reason of its operations. Empty when there is nothing to say.
std::string why(const evaluate::Evaluation& evaluation);

// "partial", and "failed" when there is an error.
std::string_view level_word(const evaluate::Evaluation& evaluation);

}  // namespace anecompat::report
