#include "manifest/rule_catalogue.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace anecompat::manifest {

namespace {

using report::Severity;

constexpr std::array k_rules = {
    GateRule{
        .id = "evaluation-failed",
        .fallback = Severity::error,
        .title = "a model could not be evaluated",
        .meaning = "The model is missing, unreadable or unsupported, or its evaluation crashed or "
                   "ran out of time; the finding says which.",
        .advice = "Repair what the message names. For a timeout raise `timeout` in the manifest; "
                  "for a crash look at the log lines in the report and run `anecompat inspect`.",
    },
    GateRule{
        .id = "level-unknown",
        .fallback = Severity::warning,
        .title = "the level could not be determined",
        .meaning =
            "The model was read, but nothing says where it runs: the host has no usable ANE, "
            "an operation is not known, or a budget asks for a number that is not known.",
        .advice =
            "Use `--evidence predicted` on hosts without an ANE, or measure on a Mac that has "
            "one; `anecompat doctor` says what this host can do.",
    },
    GateRule{
        .id = "evidence-too-weak",
        .fallback = Severity::off,
        .title = "the evidence is weaker than the policy asks for",
        .meaning = "The verdict was predicted or planned where the policy wants it measured (or "
                   "planned).",
        .advice =
            "Run this check where the asked kind of evidence is possible, or lower `at_least` "
            "in the policy.",
        .threshold = RuleThreshold{.name = "at_least",
                                   .meaning = "the weakest evidence that is accepted: predicted, "
                                              "planned or measured",
                                   .fallback = 2,
                                   .minimum = 0,
                                   .maximum = 2},
    },
    GateRule{
        .id = "expectation-not-met",
        .fallback = Severity::error,
        .title = "a model is not at the level the manifest expects",
        .meaning = "`expect` is compared with the level the model is placed at, `expect_eligible` "
                   "with the level it could reach if cost played no part.",
        .advice = "`anecompat explain MODEL --target CHIP` says what to change for each operation; "
                  "if the new level is meant, change the expectation in the manifest.",
    },
    GateRule{
        .id = "budget-exceeded",
        .fallback = Severity::error,
        .title = "a model is outside a budget of the manifest",
        .meaning = "`max_segments`, `min_ane_share`, `min_ane_cost_share` or `max_cpu_ops` of the "
                   "entry does not hold. Boundary operations count where they are placed.",
        .advice = "Look at the operations off the ANE with `anecompat explain`, or change the "
                  "budget if the new cost is meant.",
    },
    GateRule{
        .id = "level-regressed",
        .fallback = Severity::error,
        .title = "the level is worse than in the baseline",
        .meaning = "The baseline records a better level for the same entry, target and evidence.",
        .advice = "`anecompat diff` names the operations that left the ANE; if that is meant, "
                  "record it with `anecompat baseline update --reason …`.",
    },
    GateRule{
        .id = "ops-left-ane",
        .fallback = Severity::error,
        .title = "operations left the ANE",
        .meaning = "Operations that the baseline has on the ANE are placed elsewhere now.",
        .advice = "The finding names each operation and its reason; undo the change, or accept it "
                  "with a suppression or `anecompat baseline update --reason …`.",
        .threshold = RuleThreshold{.name = "more_than",
                                   .meaning = "so many operations may leave without a finding",
                                   .fallback = 0,
                                   .minimum = 0,
                                   .maximum = 1e6},
    },
    GateRule{
        .id = "segments-increased",
        .fallback = Severity::warning,
        .title = "the model is cut into more segments",
        .meaning = "There are more runs of operations on one device than in the baseline; each "
                   "switch between devices costs time.",
        .advice = "Look for single operations off the ANE between two long segments.",
        .threshold = RuleThreshold{.name = "more_than",
                                   .meaning = "so many more segments are fine",
                                   .fallback = 0,
                                   .minimum = 0,
                                   .maximum = 1e6},
    },
    GateRule{
        .id = "ane-share-dropped",
        .fallback = Severity::warning,
        .title = "a smaller share runs on the ANE",
        .meaning = "The ANE's share of the operations, or of their estimated time, is smaller than "
                   "in the baseline.",
        .advice = "`anecompat diff` shows which operations cost the most.",
        .threshold = RuleThreshold{.name = "more_than",
                                   .meaning = "a drop of this share (0 to 1) is fine",
                                   .fallback = 0.01,
                                   .minimum = 0,
                                   .maximum = 1},
    },
    GateRule{
        .id = "new-ineligible-op",
        .fallback = Severity::warning,
        .title = "an operation was added that the ANE cannot take",
        .meaning = "The baseline does not have the operation, and it is not eligible.",
        .advice = "The reason code says why and what to use instead: `anecompat rules CODE`.",
    },
    GateRule{
        .id = "baseline-missing",
        .fallback = Severity::warning,
        .title = "there is no baseline to compare with",
        .meaning = "The baseline file, or the entry in it, does not exist.",
        .advice = "Make it with `anecompat baseline update --reason \"first baseline\"` and commit "
                  "it.",
    },
    GateRule{
        .id = "baseline-stale",
        .fallback = Severity::notice,
        .title = "the baseline is about something else",
        .meaning = "The model file changed since the baseline was made, or the baseline has an "
                   "entry that the manifest does not have any more.",
        .advice = "Run `anecompat baseline update --reason …` (or `prune`) in the same change.",
    },
    GateRule{
        .id = "improved",
        .fallback = Severity::notice,
        .title = "a model is better than its baseline",
        .meaning = "The level, the share or the segments are better than recorded.",
        .advice = "Tighten the baseline, so that the gain is kept: `anecompat baseline update "
                  "--reason …`.",
    },
    GateRule{
        .id = "model-risk",
        .fallback = Severity::notice,
        .title = "something may go wrong although the placement is right",
        .meaning = "The model is near a size limit, is known to compile slowly or to fail to, or "
                   "is numerically risky in half precision.",
        .advice = "Read the note; try the model on a device before it ships.",
    },
    GateRule{
        .id = "suppression-expired",
        .fallback = Severity::error,
        .title = "a suppression has expired",
        .meaning = "Its `expires` date has passed; what it accepted is reported again.",
        .advice = "Repair what it hid and remove it, or agree on a new date with its owner.",
    },
    GateRule{
        .id = "suppression-unused",
        .fallback = Severity::warning,
        .title = "a suppression accepts nothing",
        .meaning = "No finding of this run matches it, although everything it could be about was "
                   "evaluated.",
        .advice = "Remove it from the manifest.",
    },
};

}  // namespace

std::span<const GateRule> gate_rules() {
  return k_rules;
}

const GateRule* find_gate_rule(std::string_view id) {
  const auto* const found = std::ranges::find(k_rules, id, &GateRule::id);
  return found == k_rules.end() ? nullptr : found;
}

std::vector<std::string_view> gate_rule_ids() {
  std::vector<std::string_view> ids;
  std::ranges::transform(k_rules, std::back_inserter(ids), &GateRule::id);
  return ids;
}

std::string threshold_key(const GateRule& rule) {
  return std::string(rule.id) + "." + std::string(rule.threshold->name);
}

}  // namespace anecompat::manifest
