// The result for one entry on one target, as evaluators produce it and reports keep it.
//
// Plain data that knows nothing of Core ML files: it is written to report.json and read back.
#pragma once

#include "ane/reason.hpp"
#include "ane/verdict.hpp"
#include "evaluate/comparison.hpp"
#include "support/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace anecompat::evaluate {

using ane::Reason;

struct OpResult {
  std::string path;                       // "main/decoder_0/conv_3"
  std::string type;                       // as the file spells it
  std::string shape;                      // of the first output, "fp16[1, 64, 32, 32]"
  std::optional<ane::Backend> placement;  // none: constants, folded ops
  std::vector<ane::Backend> eligible;     // backends that take the op
  bool boundary = false;                  // only adapts a graph input or output
  std::optional<Reason> reason;           // why it is not eligible for, or not placed on, the ANE
  std::optional<double> cost_us;          // estimated time where it is placed
  std::vector<std::uint32_t> inputs;      // the operations it reads from, by index; as bound
};

// A maximal run of operations on one device, by index into Evaluation::ops.
struct Segment {
  ane::Backend backend = ane::Backend::cpu;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::optional<double> cost_us;
};

struct Counts {
  std::uint32_t ops = 0;  // compute operations: no constants, no constexpr_*
  std::uint32_t ane = 0;
  std::uint32_t cpu = 0;
  std::uint32_t gpu = 0;
  std::uint32_t unplaced = 0;  // compute operations that no device was reported for
  std::uint32_t boundary = 0;  // boundary ops, wherever placed
  std::uint32_t eligible = 0;  // compute operations the ANE would take

  friend bool operator==(const Counts&, const Counts&) = default;
};

// Shares of the ANE between 0 and 1; unknown when there is nothing to divide by.
struct Shares {
  std::optional<double> ops;
  std::optional<double> cost;
};

// Something that may go wrong although the placement is right: size, compile risk, numerics.
struct Risk {
  std::string code;
  std::string message;
  std::string op;  // path of the operation concerned; empty: the whole model
};

// One try at evaluating, kept so that a flaky result is never hidden.
struct Attempt {
  std::string outcome;  // "ok", "crash", "timeout", "error"
  std::string message;
  std::chrono::milliseconds duration{0};
};

// Why there is no result.
struct EvaluationError {
  std::string kind;  // "unreadable", "not-found", "crash", "timeout", …
  std::optional<int> signal;
  std::string message;
};

struct Evaluation {
  std::string target;  // "h16"
  ane::Evidence evidence = ane::Evidence::predicted;
  ane::Confidence confidence = ane::Confidence::low;
  ane::Level level = ane::Level::unknown;
  ane::Level eligible_level = ane::Level::unknown;
  std::optional<Reason> reason;  // why the level is unknown, or what decided it
  std::vector<Segment> segments;
  Counts counts;
  Shares shares;
  std::vector<OpResult> ops;  // compute operations, file order
  std::vector<Risk> risks;
  std::vector<Attempt> attempts;
  std::optional<EvaluationError> error;
  std::optional<Comparison> comparison;  // with the baseline, where there is one to compare with
  std::chrono::microseconds duration{0};
};

}  // namespace anecompat::evaluate
