#include "coreml/lzfse_output.hpp"

namespace anecompat::coreml::lzfse {

namespace {

// One LZVN instruction: copy literals that follow it, then a match.
struct Instruction {
  std::size_t bytes = 1;
  std::size_t literals = 0;
  std::size_t match = 0;
  std::size_t distance = 0;  // 0: the one of the match before
};

constexpr std::uint8_t k_end_of_stream = 0x06;
constexpr std::size_t k_end_of_stream_bytes = 8;

bool is_no_operation(std::uint8_t code) {
  return code == 0x0e || code == 0x16;
}

bool is_undefined(std::uint8_t code) {
  const auto high = code >> 4U;
  return high == 0x7 || high == 0xd || (code < 0x40 && code >= 0x1e && (code & 7U) == 6);
}

// How many bytes an instruction with this first byte has.
std::size_t instruction_bytes(std::uint8_t code) {
  const auto high = code >> 4U;
  if (code == 0xe0 || code == 0xf0)
    return 2;
  if (high == 0xe || high == 0xf)
    return 1;
  if (high == 0xa || high == 0xb)
    return 3;
  switch (code & 7U) {
    case 6:
      return 1;
    case 7:
      return 3;
    default:
      return 2;
  }
}

// The instruction at the front of `bytes`, which holds all of it.
Instruction decode_instruction(std::span<const std::uint8_t> bytes, std::size_t length) {
  const auto code = bytes[0];
  Instruction instruction = {.bytes = length};
  switch (code >> 4U) {
    case 0xe:
      instruction.literals = code == 0xe0 ? bytes[1] + 16U : code & 15U;
      return instruction;
    case 0xf:
      instruction.match = code == 0xf0 ? bytes[1] + 16U : code & 15U;
      return instruction;
    case 0xa:
    case 0xb: {
      const auto rest = load<std::uint16_t>(bytes, 1);
      instruction.literals = (code >> 3U) & 3U;
      instruction.match = ((code & 7U) << 2U | (rest & 3U)) + 3U;
      instruction.distance = rest >> 2U;
      return instruction;
    }
    default:
      instruction.literals = code >> 6U;
      instruction.match = ((code >> 3U) & 7U) + 3U;
      if (length == 2)
        instruction.distance = (code & 7U) << 8U | bytes[1];
      else if (length == 3)
        instruction.distance = load<std::uint16_t>(bytes, 1);
      return instruction;
  }
}

// Whether the instruction names a distance, which then must not be 0.
bool names_distance(std::uint8_t code) {
  return code < 0xe0 && (code >> 5U == 5 || (code & 7U) != 6);
}

}  // namespace

const char* decode_lzvn_block(std::span<const std::uint8_t> payload, Output& out) {
  std::size_t distance = 0;
  while (!payload.empty()) {
    const auto code = payload[0];
    if (code == k_end_of_stream) {
      return payload.size() < k_end_of_stream_bytes ? "the end mark is cut off" : nullptr;
    }
    if (is_no_operation(code)) {
      payload = payload.subspan(1);
      continue;
    }
    if (is_undefined(code))
      return "undefined instruction";
    const auto length = instruction_bytes(code);
    if (length > payload.size())
      return "an instruction is cut off";
    const auto instruction = decode_instruction(payload, length);
    payload = payload.subspan(length);

    if (instruction.literals > payload.size())
      return "more literals than bytes";
    if (!out.append(payload.first(instruction.literals)))
      return "decodes to more bytes than declared";
    payload = payload.subspan(instruction.literals);

    if (instruction.match == 0)
      continue;
    if (names_distance(code))
      distance = instruction.distance;
    if (!out.copy_match(distance, instruction.match))
      return "a match reaches before the beginning or past the declared size";
  }
  return "the end mark is missing";
}

}  // namespace anecompat::coreml::lzfse
