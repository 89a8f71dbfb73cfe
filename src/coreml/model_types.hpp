// The kinds of model that Model.proto's `Type` can be, which compiled models number alike.
#pragma once

#include "coreml/graph.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::coreml {

// The newest specification version whose meaning is known here (Core ML 9).
constexpr std::int64_t k_newest_specification = 10;
// The remark about a model of a later one, which is read all the same.
std::string newer_specification(std::int64_t version);

constexpr std::uint32_t k_neural_network_type = 500;
constexpr std::uint32_t k_ml_program_type = 502;

// Whether that number stands for a type.
bool is_model_type(std::uint32_t number);
// "mlProgram" for 502, …; "unknown" for a number that stands for no type.
std::string_view model_type_name(std::uint32_t number);
// The reverse; 0 for a name that is none.
std::uint32_t model_type_number(std::string_view name);
ModelKind model_kind(std::uint32_t number);

}  // namespace anecompat::coreml
