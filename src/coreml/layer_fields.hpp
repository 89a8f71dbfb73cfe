// The parameter message of one neural network layer, decoded by a list of rows rather than by code.
#pragma once

#include "coreml/graph.hpp"
#include "coreml/wire.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// Where a length-delimited field lies in the file; its bytes are not loaded.
using Extent = std::span<const std::uint8_t>;

enum class FieldKind : std::uint8_t {
  integer,       // any varint scalar, enumerations too
  boolean,       //
  real,          // float
  text,          //
  integers,      // repeated varint
  booleans,      //
  reals,         // repeated float
  message,       // kept as extents
  weights,       // WeightParams: summed up, never read
  weight_group,  // a message made of WeightParams only
};

// One field of a layer's parameter message.
struct FieldRow {
  std::uint32_t number;
  FieldKind kind;
  // The attribute it becomes; empty: none, the layer's refine function looks at it.
  std::string_view attribute = {};
};

// What one or several WeightParams say about themselves.
struct WeightInfo {
  std::uint32_t tensors = 0;
  std::uint64_t bytes = 0;
  DataType dtype = DataType::unknown;  // of the last one
};

// Sums weights up by encoding.
class LayerWeightTally {
 public:
  void add(std::string_view encoding, std::uint64_t bytes);
  std::span<const WeightSummary> summaries() const { return m_summaries; }

  // Encoding names that are put together at run time ("palettized 6 bits") live as long as this.
  std::string_view name(std::string text);

 private:
  std::vector<WeightSummary> m_summaries;
  std::vector<std::unique_ptr<std::string>> m_names;
};

class LayerFields {
 public:
  // Reads all fields that `rows` name from `pieces` (several pieces of one message merge). `parent`
  // is the reader of the enclosing message, for depth and errors. Scalars that are absent are zero,
  // as in proto3; the last one wins.
  void read(std::span<const FieldRow> rows, std::span<const Extent> pieces, WireReader& parent,
            LayerWeightTally& tally);

  // Forgets what was read, but keeps its memory.
  void clear() { m_used = 0; }

  bool has(std::uint32_t field) const;
  std::int64_t integer(std::uint32_t field) const;
  bool boolean(std::uint32_t field) const { return integer(field) != 0; }
  double real(std::uint32_t field) const;
  std::string_view text(std::uint32_t field) const;
  // Repeated fields of more than Literal::k_max_elements elements are not decoded and come back
  // empty; too_long() tells.
  std::span<const std::int64_t> integers(std::uint32_t field) const;
  std::span<const double> reals(std::uint32_t field) const;
  bool too_long(std::uint32_t field) const;
  std::span<const Extent> messages(std::uint32_t field) const;
  WeightInfo weights(std::uint32_t field) const;
  // Which of the fields of a oneof holds: the one that came last; 0 when none is there.
  std::uint32_t last_of(std::initializer_list<std::uint32_t> fields) const;

  // Calls visit for every field of the message `field`, all its pieces in order.
  void visit(std::uint32_t field, const std::function<void(WireReader&)>& visit) const;
  void visit(std::span<const Extent> pieces, const std::function<void(WireReader&)>& visit) const;

 private:
  struct Slot {
    // Makes it an absent field of that row.
    void reset(const FieldRow& field);

    std::uint32_t number = 0;
    FieldKind kind = FieldKind::integer;
    std::uint32_t stamp = 0;  // order of the last occurrence; 0: absent
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text;
    bool too_long = false;
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    std::vector<Extent> messages;
    WeightInfo weights;
  };

  const Slot* find(std::uint32_t field) const;
  static void take(Slot& slot, WireReader& field, LayerWeightTally& tally);

  WireReader* m_parent = nullptr;
  std::span<Slot> slots() { return std::span(m_slots).first(m_used); }
  std::span<const Slot> slots() const { return std::span(m_slots).first(m_used); }

  std::vector<Slot> m_slots;
  std::size_t m_used = 0;
};

// Reads one WeightParams message: its encoding and size.
WeightInfo read_weights(WireReader message, LayerWeightTally& tally);

}  // namespace anecompat::coreml
