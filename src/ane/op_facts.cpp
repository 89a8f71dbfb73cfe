#include "ane/op_facts.hpp"

#include <algorithm>

namespace anecompat::ane {

namespace {

using coreml::DataType;

constexpr std::array<FactInfo, k_fact_count> k_facts = {{
    {Fact::format, "format", FactKind::text},
    {Fact::spec_version, "spec_version", FactKind::number},
    {Fact::states, "states", FactKind::number},
    {Fact::flexibility, "flexibility", FactKind::text},
    {Fact::reshape_frequency, "reshape_frequency", FactKind::text},
    {Fact::weight_bytes, "weight_bytes", FactKind::number},
    {Fact::longest_chain, "longest_chain", FactKind::number},
    {Fact::layer, "layer", FactKind::text},
    {Fact::control_flow, "control_flow", FactKind::flag},
    {Fact::model_output, "model_output", FactKind::flag},
    {Fact::dtype_in, "dtype_in", FactKind::types},
    {Fact::dtype_out, "dtype_out", FactKind::types},
    {Fact::input_rank, "input_rank", FactKind::number},
    {Fact::output_rank, "output_rank", FactKind::number},
    {Fact::rank, "rank", FactKind::number},
    {Fact::batch, "batch", FactKind::number},
    {Fact::channels, "channels", FactKind::number},
    {Fact::depth, "depth", FactKind::number},
    {Fact::height, "height", FactKind::number},
    {Fact::width, "width", FactKind::number},
    {Fact::dim_min, "dim_min", FactKind::number},
    {Fact::shape_known, "shape_known", FactKind::flag},
    {Fact::data_dependent, "data_dependent", FactKind::flag},
    {Fact::kernel_rank, "kernel_rank", FactKind::number},
    {Fact::kernel_width, "kernel_width", FactKind::number},
    {Fact::kernel_height, "kernel_height", FactKind::number},
    {Fact::kernel_depth, "kernel_depth", FactKind::number},
    {Fact::stride_max, "stride_max", FactKind::number},
    {Fact::dilation_max, "dilation_max", FactKind::number},
    {Fact::groups, "groups", FactKind::number},
    {Fact::groups_divide, "groups_divide", FactKind::flag},
    {Fact::kernel_excess, "kernel_excess", FactKind::number},
    {Fact::pad_excess, "pad_excess", FactKind::number},
    {Fact::window_covers, "window_covers", FactKind::flag},
    {Fact::weight_constant, "weight_constant", FactKind::flag},
    {Fact::weight_encoding, "weight_encoding", FactKind::text},
    {Fact::weight_grouping, "weight_grouping", FactKind::text},
    {Fact::channels_in, "channels_in", FactKind::number},
    {Fact::channels_out, "channels_out", FactKind::number},
    {Fact::contraction, "contraction", FactKind::number},
    {Fact::indices_constant, "indices_constant", FactKind::flag},
    {Fact::indices_from_input, "indices_from_input", FactKind::flag},
    {Fact::indices_dtype, "indices_dtype", FactKind::types},
    {Fact::axis, "axis", FactKind::number},
    {Fact::axis_constant, "axis_constant", FactKind::flag},
    {Fact::k, "k", FactKind::number},
    {Fact::begin_constant, "begin_constant", FactKind::flag},
    {Fact::shape_constant, "shape_constant", FactKind::flag},
    {Fact::step_min, "step_min", FactKind::number},
    {Fact::last_begin, "last_begin", FactKind::number},
    {Fact::resamples, "resamples", FactKind::flag},
    {Fact::block, "block", FactKind::number},
    {Fact::reps_max, "reps_max", FactKind::number},
    {Fact::mode, "mode", FactKind::text},
    {Fact::pads_channels, "pads_channels", FactKind::flag},
    {Fact::bool_from_fp16, "bool_from_fp16", FactKind::flag},
    {Fact::condition_constant, "condition_constant", FactKind::flag},
    {Fact::second_output_used, "second_output_used", FactKind::flag},
    {Fact::written_back, "written_back", FactKind::flag},
    {Fact::state_last_dim, "state_last_dim", FactKind::number},
}};

static_assert(std::ranges::is_sorted(k_facts, {}, &FactInfo::fact));

std::string types_to_string(TypeSet set) {
  std::string text;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if ((set & (TypeSet{1} << bit)) == 0)
      continue;
    if (!text.empty())
      text += ", ";
    text += coreml::to_string(static_cast<DataType>(bit));
  }
  return text;
}

}  // namespace

std::span<const FactInfo> all_facts() {
  return k_facts;
}

std::optional<FactInfo> find_fact(std::string_view name) {
  const auto* const found = std::ranges::find(k_facts, name, &FactInfo::name);
  if (found == k_facts.end())
    return std::nullopt;
  return *found;
}

void OpFacts::raise(Fact fact, std::int64_t number) {
  auto& held = value(fact);
  if (!held.known || number > held.number)
    held = {.known = true, .number = number};
}

std::string OpFacts::to_string(Fact fact) const {
  const auto& held = (*this)[fact];
  if (!held.known)
    return "?";
  switch (k_facts[static_cast<std::size_t>(fact)].kind) {
    case FactKind::number:
      return std::to_string(held.number);
    case FactKind::flag:
      return held.number != 0 ? "yes" : "no";
    case FactKind::text:
      return std::string(held.text);
    case FactKind::types:
      return types_to_string(static_cast<TypeSet>(held.number));
  }
  return "?";
}

}  // namespace anecompat::ane
