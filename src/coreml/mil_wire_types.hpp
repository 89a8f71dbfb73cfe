// Decoders of MIL.proto's types and values.
#pragma once

#include "coreml/element_sink.hpp"
#include "coreml/graph_builder.hpp"
#include "coreml/wire.hpp"

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// Reads ValueType, NamedValueType and Value messages. A message that is given twice is merged, and
// the last case of a oneof wins, as in protobuf; decoding errors are in the WireReaders' status.
class MilWireTypes {
 public:
  struct Named {
    std::string_view name;
    ValueType type;
  };

  MilWireTypes(GraphBuilder& builder, ElementSink& sink) : m_builder(&builder), m_sink(&sink) {}

  void read_type(WireReader reader, ValueType& type);
  Named read_named(WireReader reader);
  Literal read_value(WireReader reader);

 private:
  // A Value message on its way in: protobuf lets its parts come in any order.
  struct PendingValue {
    enum class Case : std::uint8_t { none, tensor, tuple, list, dictionary, blob };

    ValueType type = {};
    Case which = Case::none;
    std::uint32_t tensor_case = 0;
    std::span<const std::uint8_t> raw = {};  // TensorValue.bytes; needs the type to be decoded
    BlobRef blob = {};
    ElementSink::Mark begin = {};
  };

  void read_tensor_type(WireReader reader, ValueType& type);
  void read_dimension(WireReader reader, bool& variadic);
  void read_pending(WireReader reader, PendingValue& value);
  void read_immediate(WireReader reader, PendingValue& value);
  void read_tensor(WireReader reader, PendingValue& value);
  void read_blob(WireReader reader, PendingValue& value);
  // A Value inside a list, tuple or dictionary; its elements are appended.
  void read_nested(WireReader reader);
  void select(PendingValue& value, PendingValue::Case which);
  void add_raw(const PendingValue& value);
  void note_unknown(std::uint64_t data_type);

  GraphBuilder* m_builder;
  ElementSink* m_sink;
  std::vector<std::int64_t> m_dims;
  std::set<std::uint64_t> m_unknown;  // element types that were noted
};

}  // namespace anecompat::coreml
