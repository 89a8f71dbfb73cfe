// The rule tables of policies/ane/, loaded.
//
// Five kinds of rows, each with its source and a confidence:
//   reasons.yml  what a reason code means and what to do about it
//   chips.yml    how well the rules are known for each chip family
//   ops.yml      one row per operation type: can the ANE and the GPU take it at all
//   dtypes.yml, structure.yml, limits.yml
//                what takes an operation off the ANE, or makes it doubtful, under a condition on
//                its facts (op_facts.hpp), tried in this order of files and rows
//   risks.yml    what may go wrong although the placement is right
// docs: policies/ane/README.md has the format.
#pragma once

#include "ane/op_facts.hpp"
#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "support/result.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace anecompat::ane {

// What a reason code means: the long form of `anecompat rules CODE`.
struct ReasonInfo {
  std::string code;            // "kernel-limit"
  std::optional<int> core_ml;  // the number of Core ML's own message class, where it has one
  std::string title;           // a few words
  std::string cause;           // one sentence
  std::string advice;          // what to change, one or two sentences
  std::string source;
};

// A set of chip families.
class ChipSet {
 public:
  static ChipSet all() { return ChipSet(0xff); }
  static ChipSet none() { return ChipSet(0); }
  void add(ChipFamily family) { m_bits |= bit(family); }
  bool contains(ChipFamily family) const { return (m_bits & bit(family)) != 0; }
  bool empty() const { return m_bits == 0; }

 private:
  explicit ChipSet(std::uint8_t bits) : m_bits(bits) {}
  static std::uint8_t bit(ChipFamily family) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(family));
  }
  std::uint8_t m_bits;
};

// From one system, before another; bounds as OsVersion::core_ml() numbers.
struct OsRange {
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> below;

  bool includes_newest() const { return !below; }
  // No system stands for the newest one: never below anything.
  bool contains(const std::optional<OsVersion>& os) const;
};

// One comparison of a fact.
struct Condition {
  enum class Comparison : std::uint8_t {
    min,              // at least
    max,              // at most
    above,            // more than
    below,            // less than
    equals,           // number, flag or text
    in,               // one of
    not_in,           // none of
    any,              // type sets: has one of
    only,             // type sets: has nothing else
    multiple_of,      //
    not_multiple_of,  //
    factors_beyond,   // has a prime factor that is not listed
    known,            // flag: whether the fact is known at all
  };

  Fact fact = Fact::format;
  Comparison comparison = Comparison::equals;
  std::vector<std::int64_t> numbers;  // also flags, and one type set
  std::vector<std::string> texts;

  bool holds(const OpFacts& facts) const;
};

// Conditions that must hold together.
struct Rule {
  enum class Effect : std::uint8_t {
    ineligible,  // off the ANE
    doubt,       // still eligible, with the row's confidence at most
  };

  std::string id;
  std::vector<std::string> ops;  // empty: every type
  std::vector<std::string> except;
  ChipSet chips = ChipSet::all();
  bool names_chips = false;  // the row says which chips it is about
  OsRange systems;
  std::vector<Condition> when;
  Effect effect = Effect::ineligible;
  std::string reason;   // code
  std::string message;  // with {placeholders}
  Confidence confidence = Confidence::low;
  std::string source;

  // Whether the row is about such a target at all.
  bool concerns(const Target& target) const;
  bool holds(const OpFacts& facts) const;
};

// What is known of an operation type as such.
struct OpRow {
  bool ane = false;
  bool gpu = true;
  bool placed = true;     // false: no measured model has it on the ANE, though it is eligible
  bool boundary = false;  // may merely adapt a graph input or output (boundary.hpp)
  std::string reason;     // code, where ane is false
  std::string message;    // may be empty: the reason's title
  Confidence confidence = Confidence::low;
  std::string source;
};

// A risk of an operation or of a whole model.
struct RiskRow {
  enum class Scope : std::uint8_t { operation, model };

  Rule rule;  // its reason is the risk's code
  Scope scope = Scope::operation;
};

struct ChipRow {
  Confidence confidence = Confidence::low;  // at most, for rows that do not name the chip
  std::string source;
};

class RuleSet {
 public:
  // The tables inside the program. Errors: manifest; they would be a defect of this build.
  static Result<std::shared_ptr<const RuleSet>> built_in();
  // The same with every file of `directory` in place of the built-in one of that name; empty: the
  // built-in ones. Errors: not_found, manifest (file:line:column, with the word probably meant).
  static Result<std::shared_ptr<const RuleSet>> load(const std::string& directory);

  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // The reason of that code, or null.
  const ReasonInfo* reason(std::string_view code) const;
  // All reasons, sorted by code.
  std::span<const ReasonInfo> reasons() const { return m_reasons; }

  // The row of an operation type, or null when nothing is known of it.
  const OpRow* op(std::string_view type) const;
  // The rules that can concern an operation type, in order.
  std::span<const Rule* const> rules_for(std::string_view type) const;
  std::span<const RiskRow* const> risks_for(std::string_view type) const;
  std::span<const RiskRow> risks() const { return m_risks; }
  std::span<const Rule> rules() const { return m_rules; }
  const ChipRow& chip(ChipFamily family) const { return m_chips[static_cast<std::size_t>(family)]; }
  // Operation types that have a row, sorted.
  std::vector<std::string_view> op_types() const;

 private:
  friend class RuleLoader;
  RuleSet() = default;

  struct OpEntry {
    OpRow row;
    std::vector<const Rule*> rules;
    std::vector<const RiskRow*> risks;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  const OpEntry* entry(std::string_view type) const;
  void index();

  std::vector<ReasonInfo> m_reasons;
  std::array<ChipRow, k_chip_families.size()> m_chips;
  std::unordered_map<std::string, OpEntry, Hash, std::equal_to<>> m_ops;
  std::vector<Rule> m_rules;
  std::vector<RiskRow> m_risks;
};

// `message` with its {placeholders} filled in: {chip}, {os}, {limit} (the first number of the first
// comparison), {type}, {input}, {output} and any fact. Unknown names stay as they are.
struct MessageContext {
  const OpFacts* facts = nullptr;
  std::string_view chip = {};
  std::string os = {};
  std::string_view type = {};
  std::string input = {};
  std::string output = {};
  std::optional<std::int64_t> limit = std::nullopt;
};
std::string fill_message(std::string_view message, const MessageContext& context);

}  // namespace anecompat::ane
