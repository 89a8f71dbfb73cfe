// The FSE-coded blocks of LZFSE: their headers, and the tables that both kinds share.
#pragma once

#include "coreml/lzfse_output.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace anecompat::coreml::lzfse {

constexpr std::size_t k_length_symbols = 20;  // of literal runs, and of matches
constexpr std::size_t k_distance_symbols = 64;
constexpr std::size_t k_literal_symbols = 256;
constexpr std::size_t k_all_symbols = 2 * k_length_symbols + k_distance_symbols + k_literal_symbols;

// A bvx1 or bvx2 header, unpacked.
struct FseBlock {
  std::uint32_t raw_bytes = 0;
  std::uint32_t literals = 0;
  std::uint32_t matches = 0;
  std::uint32_t literal_payload_bytes = 0;
  std::uint32_t match_payload_bytes = 0;
  int literal_bits = 0;  // 0 to -7: bits of the last payload byte that are not used
  int match_bits = 0;
  std::array<std::uint16_t, 4> literal_states = {};
  std::uint16_t run_state = 0;
  std::uint16_t match_state = 0;
  std::uint16_t distance_state = 0;
  // How often each symbol is in its table: runs, matches, distances, literals.
  std::array<std::uint16_t, k_all_symbols> frequencies = {};
  std::size_t header_bytes = 0;
};

// Reads the header at the beginning of `block`, its magic included. The result is null, or what is
// wrong with it.
const char* read_fse_header_v1(std::span<const std::uint8_t> block, FseBlock& header);
const char* read_fse_header_v2(std::span<const std::uint8_t> block, FseBlock& header);

}  // namespace anecompat::coreml::lzfse
