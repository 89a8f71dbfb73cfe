#include "coreml/layer_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::coreml {

namespace {

// A packed list longer than this cannot have k_max_elements elements or fewer.
constexpr std::size_t k_max_packed_bytes = Literal::k_max_elements * 10;

struct Quantization {
  bool present = false;
  bool lookup_table = false;
  std::uint64_t bits = 0;
};

void read_quantization(WireReader message, Quantization& quantization) {
  quantization.present = true;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        quantization.bits = message.varint();
        break;
      case 101:
        quantization.lookup_table = false;
        break;
      case 102:
        quantization.lookup_table = true;
        break;
      default:
        break;
    }
  }
}

}  // namespace

void LayerWeightTally::add(std::string_view encoding, std::uint64_t bytes) {
  auto found = std::ranges::find(m_summaries, encoding, &WeightSummary::encoding);
  if (found == m_summaries.end())
    found = m_summaries.insert(found, {.encoding = encoding});
  found->tensors += 1;
  found->bytes += bytes;
}

std::string_view LayerWeightTally::name(std::string text) {
  const auto same = [&](const auto& known) { return *known == text; };
  const auto found = std::ranges::find_if(m_names, same);
  if (found != m_names.end())
    return **found;
  return *m_names.emplace_back(std::make_unique<std::string>(std::move(text)));
}

WeightInfo read_weights(WireReader message, LayerWeightTally& tally) {
  std::uint64_t float_bytes = 0;
  std::uint64_t half_bytes = 0;
  std::uint64_t raw_bytes = 0;
  Quantization quantization;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        float_bytes += message.type() == WireType::fixed32 ? 4 : message.extent().size();
        break;
      case 2:
        half_bytes = message.extent().size();
        break;
      case 30:
      case 31:
        raw_bytes = message.extent().size();
        break;
      case 40:
        read_quantization(message.message(), quantization);
        break;
      default:
        break;
    }
  }
  if (half_bytes != 0) {
    tally.add("fp16", half_bytes);
    return {.tensors = 1, .bytes = half_bytes, .dtype = DataType::float16};
  }
  if (raw_bytes != 0) {
    // Only 1 to 8 bits exist; anything else is a broken or future file and is named as such.
    const bool known = quantization.present && quantization.bits >= 1 && quantization.bits <= 8;
    const auto bits = known ? fmt::format("{} bits", quantization.bits) : "of unknown width";
    tally.add(tally.name(fmt::format(
                  "{} {}", quantization.lookup_table ? "palettized" : "linear quantized", bits)),
              raw_bytes);
    return {.tensors = 1, .bytes = raw_bytes};
  }
  if (float_bytes != 0) {
    tally.add("fp32", float_bytes);
    return {.tensors = 1, .bytes = float_bytes, .dtype = DataType::float32};
  }
  return {};
}

void LayerFields::Slot::reset(const FieldRow& field) {
  number = field.number;
  kind = field.kind;
  stamp = 0;
  integer = 0;
  real = 0;
  text = {};
  too_long = false;
  integers.clear();
  reals.clear();
  messages.clear();
  weights = {};
}

void LayerFields::read(std::span<const FieldRow> rows, std::span<const Extent> pieces,
                       WireReader& parent, LayerWeightTally& tally) {
  m_parent = &parent;
  m_used = rows.size();
  if (m_slots.size() < m_used)
    m_slots.resize(m_used);
  for (std::size_t i = 0; i < rows.size(); ++i)
    m_slots[i].reset(rows[i]);
  std::uint32_t stamp = 0;
  for (const auto piece : pieces) {
    auto message = parent.message_at(piece);
    while (message.next()) {
      const auto slot = std::ranges::find(slots(), message.field(), &Slot::number);
      if (slot == slots().end())
        continue;
      slot->stamp = ++stamp;
      take(*slot, message, tally);
    }
  }
}

void LayerFields::take(Slot& slot, WireReader& field, LayerWeightTally& tally) {
  const auto add_weights = [&](const WeightInfo& info) {
    slot.weights.tensors += info.tensors;
    slot.weights.bytes += info.bytes;
    slot.weights.dtype = info.dtype;
  };
  const auto list_fits = [&](std::size_t have) {
    if (have >= Literal::k_max_elements || field.extent().size() > k_max_packed_bytes)
      slot.too_long = true;
    return !slot.too_long;
  };
  switch (slot.kind) {
    case FieldKind::integer:
    case FieldKind::boolean:
      slot.integer = slot.kind == FieldKind::boolean ? static_cast<std::int64_t>(field.boolean())
                                                     : field.int64();
      break;
    case FieldKind::real:
      slot.real = static_cast<double>(field.float32());
      break;
    case FieldKind::text:
      slot.text = field.string();
      break;
    case FieldKind::integers:
    case FieldKind::booleans:
      if (list_fits(slot.integers.size())) {
        field.each_varint([&](std::uint64_t value) {
          slot.integers.push_back(slot.kind == FieldKind::booleans
                                      ? static_cast<std::int64_t>(value != 0)
                                      : static_cast<std::int64_t>(value));
        });
      }
      break;
    case FieldKind::reals:
      if (list_fits(slot.reals.size()))
        field.each_float32([&](float value) { slot.reals.push_back(static_cast<double>(value)); });
      break;
    case FieldKind::message:
      if (field.type() == WireType::length)
        slot.messages.push_back(field.extent());
      break;
    case FieldKind::weights:
      add_weights(read_weights(field.message(), tally));
      break;
    case FieldKind::weight_group: {
      auto group = field.message();
      while (group.next()) {
        if (group.type() == WireType::length)
          add_weights(read_weights(group.message(), tally));
      }
      break;
    }
  }
}

const LayerFields::Slot* LayerFields::find(std::uint32_t field) const {
  const auto slot = std::ranges::find(slots(), field, &Slot::number);
  return slot == slots().end() ? nullptr : &*slot;
}

bool LayerFields::has(std::uint32_t field) const {
  const auto* slot = find(field);
  return slot != nullptr && slot->stamp != 0;
}

std::int64_t LayerFields::integer(std::uint32_t field) const {
  const auto* slot = find(field);
  return slot == nullptr ? 0 : slot->integer;
}

double LayerFields::real(std::uint32_t field) const {
  const auto* slot = find(field);
  return slot == nullptr ? 0 : slot->real;
}

std::string_view LayerFields::text(std::uint32_t field) const {
  const auto* slot = find(field);
  return slot == nullptr ? std::string_view() : slot->text;
}

bool LayerFields::too_long(std::uint32_t field) const {
  const auto* slot = find(field);
  return slot != nullptr && (slot->too_long || slot->integers.size() > Literal::k_max_elements ||
                             slot->reals.size() > Literal::k_max_elements);
}

std::span<const std::int64_t> LayerFields::integers(std::uint32_t field) const {
  const auto* slot = find(field);
  if (slot == nullptr || too_long(field))
    return {};
  return slot->integers;
}

std::span<const double> LayerFields::reals(std::uint32_t field) const {
  const auto* slot = find(field);
  if (slot == nullptr || too_long(field))
    return {};
  return slot->reals;
}

std::span<const Extent> LayerFields::messages(std::uint32_t field) const {
  const auto* slot = find(field);
  if (slot == nullptr)
    return {};
  return slot->messages;
}

WeightInfo LayerFields::weights(std::uint32_t field) const {
  const auto* slot = find(field);
  return slot == nullptr ? WeightInfo{} : slot->weights;
}

std::uint32_t LayerFields::last_of(std::initializer_list<std::uint32_t> fields) const {
  std::uint32_t last = 0;
  std::uint32_t newest = 0;
  for (const auto field : fields) {
    const auto* slot = find(field);
    if (slot != nullptr && slot->stamp > newest) {
      newest = slot->stamp;
      last = field;
    }
  }
  return last;
}

void LayerFields::visit(std::uint32_t field, const std::function<void(WireReader&)>& take) const {
  visit(messages(field), take);
}

void LayerFields::visit(std::span<const Extent> pieces,
                        const std::function<void(WireReader&)>& take) const {
  for (const auto piece : pieces) {
    auto message = m_parent->message_at(piece);
    while (message.next())
      take(message);
  }
}

}  // namespace anecompat::coreml
