#include "coreml/lzfse_fse.hpp"

#include <bit>
#include <optional>
#include <vector>

namespace anecompat::coreml::lzfse {

namespace {

// Numbers of states; a table's frequencies add up to them.
constexpr std::size_t k_length_states = 64;
constexpr std::size_t k_distance_states = 256;
constexpr std::size_t k_literal_states = 1024;
// What the format allows in one block.
constexpr std::uint32_t k_max_matches = 10'000;
constexpr std::uint32_t k_max_literals = 4 * k_max_matches;

constexpr std::size_t k_header_v1_bytes = 772;  // two bytes of padding at its end included
constexpr std::size_t k_header_v2_fixed_bytes = 32;

// Extra bits that follow a symbol; a symbol stands for 2^extra numbers, counted up from 0.
constexpr unsigned run_extra_bits(std::size_t symbol) {
  constexpr std::array<unsigned, 4> k_last = {2, 3, 5, 8};
  return symbol < 16 ? 0 : k_last[symbol - 16];
}
constexpr unsigned match_extra_bits(std::size_t symbol) {
  constexpr std::array<unsigned, 4> k_last = {3, 5, 8, 11};
  return symbol < 16 ? 0 : k_last[symbol - 16];
}
constexpr unsigned distance_extra_bits(std::size_t symbol) {
  return static_cast<unsigned>(symbol / 4);
}
constexpr unsigned literal_extra_bits(std::size_t) {
  return 0;
}

// A run of bits that is read from its end to its beginning.
class BackwardBits {
 public:
  BackwardBits(std::span<const std::uint8_t> bytes, int unused_bits)
      : m_bytes(bytes), m_position(static_cast<std::int64_t>(bytes.size()) * 8 + unused_bits) {}

  // Up to 25 bits. After the beginning has been passed the result is 0 and ok() is false.
  std::uint32_t pull(unsigned count) {
    m_position -= count;
    if (m_position < 0)
      return 0;
    const auto first = static_cast<std::size_t>(m_position) / 8;
    const auto shift = static_cast<unsigned>(m_position % 8);
    std::uint32_t window = 0;
    for (std::size_t i = 0; i < 4 && first + i < m_bytes.size(); ++i)
      window |= static_cast<std::uint32_t>(m_bytes[first + i]) << (8U * i);
    return (window >> shift) & ((1U << count) - 1);
  }
  bool ok() const { return m_position >= 0; }
  // Bits that are not used are 0: what the reference decoder demands too.
  bool unused_bits_are_clear() const {
    const auto unused = static_cast<std::int64_t>(m_bytes.size()) * 8 - m_position;
    return unused == 0 || (m_position >= 0 && m_bytes.back() >> (8 - unused) == 0);
  }

 private:
  std::span<const std::uint8_t> m_bytes;
  std::int64_t m_position;
};

// A finite-state table: from a state to a number, how many bits to pull, and the next state.
class StateTable {
 public:
  // Nothing when the frequencies do not add up to `states`.
  static std::optional<StateTable> make(std::span<const std::uint16_t> frequencies,
                                        std::size_t states, unsigned (*extra_bits)(std::size_t)) {
    StateTable table;
    table.m_entries.reserve(states);
    std::uint32_t base = 0;
    for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
      const std::size_t frequency = frequencies[symbol];
      if (frequency > states - table.m_entries.size())
        return std::nullopt;
      table.add(base, extra_bits(symbol), frequency, states);
      base += 1U << extra_bits(symbol);
    }
    if (table.m_entries.size() != states)
      return std::nullopt;
    return table;
  }

  bool has(std::uint16_t state) const { return state < m_entries.size(); }

  // Moves `state` on and returns the number it stood for.
  std::uint32_t next(std::uint16_t& state, BackwardBits& bits) const {
    const auto& entry = m_entries[state];
    const auto pulled = bits.pull(entry.state_bits + entry.extra_bits);
    state = static_cast<std::uint16_t>(entry.next_state + (pulled >> entry.extra_bits));
    return entry.base + (pulled & ((1U << entry.extra_bits) - 1));
  }

 private:
  struct Entry {
    std::uint32_t base;
    std::uint16_t next_state;
    std::uint8_t state_bits;
    std::uint8_t extra_bits;
  };

  // The entries of one symbol. The first ones take one bit more than the rest, so that all of them
  // together reach every state once.
  void add(std::uint32_t base, unsigned extra_bits, std::size_t frequency, std::size_t states) {
    if (frequency == 0)
      return;
    const auto bits = static_cast<unsigned>(std::bit_width(states) - std::bit_width(frequency));
    const auto longer = ((2 * states) >> bits) - frequency;
    for (std::size_t i = 0; i < frequency; ++i) {
      const bool is_longer = i < longer;
      const auto next = is_longer ? ((frequency + i) << bits) - states : (i - longer) << (bits - 1);
      m_entries.push_back({.base = base,
                           .next_state = static_cast<std::uint16_t>(next),
                           .state_bits = static_cast<std::uint8_t>(is_longer ? bits : bits - 1),
                           .extra_bits = static_cast<std::uint8_t>(extra_bits)});
    }
  }

  std::vector<Entry> m_entries;
};

// The packed frequencies of a bvx2 header: short codes for small ones, from the lowest bit up.
class ForwardBits {
 public:
  explicit ForwardBits(std::span<const std::uint8_t> bytes) : m_bytes(bytes) {}

  std::uint32_t pull(unsigned count) {
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < count; ++i, ++m_position) {
      if (m_position / 8 < m_bytes.size())
        bits |= ((static_cast<std::uint32_t>(m_bytes[m_position / 8]) >> (m_position % 8)) & 1U)
                << i;
    }
    return bits;
  }
  // Everything pulled was there, and less than a byte is left.
  bool used_up() const { return (m_position + 7) / 8 == m_bytes.size(); }

 private:
  std::span<const std::uint8_t> m_bytes;
  std::size_t m_position = 0;
};

// 00 → 0, 10 → 1; 001, 101 → 2, 3; 00011 to 11011 → 4 to 7; 0111 and four bits → 8 to 23; 1111 and
// ten bits → 24 and up (lowest bit written last).
std::uint16_t pull_frequency(ForwardBits& bits) {
  if (bits.pull(1) == 0)
    return static_cast<std::uint16_t>(bits.pull(1));
  if (bits.pull(1) == 0)
    return static_cast<std::uint16_t>(2 + bits.pull(1));
  if (bits.pull(1) == 0)
    return static_cast<std::uint16_t>(4 + bits.pull(2));
  if (bits.pull(1) == 0)
    return static_cast<std::uint16_t>(8 + bits.pull(4));
  return static_cast<std::uint16_t>(24 + bits.pull(10));
}

const char* check_header(const FseBlock& header) {
  if (header.literals > k_max_literals || header.matches > k_max_matches)
    return "more literals or matches than a block may have";
  if (header.literal_bits > 0 || header.literal_bits < -7 || header.match_bits > 0 ||
      header.match_bits < -7)
    return "bit counts out of range";
  return nullptr;
}

std::uint64_t bits_at(std::uint64_t packed, unsigned at, unsigned count) {
  return (packed >> at) & ((std::uint64_t{1} << count) - 1);
}

const char* decode_literals(const FseBlock& block, std::span<const std::uint8_t> payload,
                            std::vector<std::uint8_t>& literals) {
  const auto table = StateTable::make(std::span(block.frequencies).last(k_literal_symbols),
                                      k_literal_states, literal_extra_bits);
  if (!table)
    return "literal frequencies do not add up";
  auto states = block.literal_states;
  for (const auto state : states) {
    if (!table->has(state))
      return "literal state out of range";
  }
  BackwardBits bits(payload, block.literal_bits);
  if (!bits.unused_bits_are_clear())
    return "literals end in the wrong bits";
  for (std::uint32_t i = 0; i < block.literals; ++i) {
    literals.push_back(static_cast<std::uint8_t>(table->next(states[i % 4], bits)));
    if (!bits.ok())
      return "literals are cut off";
  }
  return nullptr;
}

}  // namespace

const char* read_fse_header_v1(std::span<const std::uint8_t> block, FseBlock& header) {
  if (block.size() < k_header_v1_bytes)
    return "the header is cut off";
  header.header_bytes = k_header_v1_bytes;
  header.raw_bytes = load<std::uint32_t>(block, 4);
  header.literals = load<std::uint32_t>(block, 12);
  header.matches = load<std::uint32_t>(block, 16);
  header.literal_payload_bytes = load<std::uint32_t>(block, 20);
  header.match_payload_bytes = load<std::uint32_t>(block, 24);
  header.literal_bits = static_cast<std::int32_t>(load<std::uint32_t>(block, 28));
  for (std::size_t i = 0; i < 4; ++i)
    header.literal_states[i] = load<std::uint16_t>(block, 32 + 2 * i);
  header.match_bits = static_cast<std::int32_t>(load<std::uint32_t>(block, 40));
  header.run_state = load<std::uint16_t>(block, 44);
  header.match_state = load<std::uint16_t>(block, 46);
  header.distance_state = load<std::uint16_t>(block, 48);
  for (std::size_t i = 0; i < k_all_symbols; ++i)
    header.frequencies[i] = load<std::uint16_t>(block, 50 + 2 * i);
  return check_header(header);
}

const char* read_fse_header_v2(std::span<const std::uint8_t> block, FseBlock& header) {
  if (block.size() < k_header_v2_fixed_bytes)
    return "the header is cut off";
  header.raw_bytes = load<std::uint32_t>(block, 4);
  const auto first = load<std::uint64_t>(block, 8);
  const auto second = load<std::uint64_t>(block, 16);
  const auto third = load<std::uint64_t>(block, 24);
  header.literals = static_cast<std::uint32_t>(bits_at(first, 0, 20));
  header.literal_payload_bytes = static_cast<std::uint32_t>(bits_at(first, 20, 20));
  header.matches = static_cast<std::uint32_t>(bits_at(first, 40, 20));
  header.literal_bits = static_cast<int>(bits_at(first, 60, 3)) - 7;
  for (unsigned i = 0; i < 4; ++i)
    header.literal_states[i] = static_cast<std::uint16_t>(bits_at(second, 10 * i, 10));
  header.match_payload_bytes = static_cast<std::uint32_t>(bits_at(second, 40, 20));
  header.match_bits = static_cast<int>(bits_at(second, 60, 3)) - 7;
  header.header_bytes = bits_at(third, 0, 32);
  header.run_state = static_cast<std::uint16_t>(bits_at(third, 32, 10));
  header.match_state = static_cast<std::uint16_t>(bits_at(third, 42, 10));
  header.distance_state = static_cast<std::uint16_t>(bits_at(third, 52, 10));
  if (header.header_bytes < k_header_v2_fixed_bytes || header.header_bytes > block.size())
    return "the header's size is out of range";

  ForwardBits bits(
      block.subspan(k_header_v2_fixed_bytes, header.header_bytes - k_header_v2_fixed_bytes));
  for (auto& frequency : header.frequencies)
    frequency = pull_frequency(bits);
  if (!bits.used_up())
    return "the frequency tables do not fill the header";
  return check_header(header);
}

const char* decode_fse_block(const FseBlock& block, std::span<const std::uint8_t> payload,
                             Output& out) {
  const auto all = std::span(block.frequencies);
  const auto runs = StateTable::make(all.first(k_length_symbols), k_length_states, run_extra_bits);
  const auto lengths = StateTable::make(all.subspan(k_length_symbols, k_length_symbols),
                                        k_length_states, match_extra_bits);
  const auto distances = StateTable::make(all.subspan(2 * k_length_symbols, k_distance_symbols),
                                          k_distance_states, distance_extra_bits);
  if (!runs || !lengths || !distances)
    return "match frequencies do not add up";
  auto run_state = block.run_state;
  auto match_state = block.match_state;
  auto distance_state = block.distance_state;
  if (!runs->has(run_state) || !lengths->has(match_state) || !distances->has(distance_state))
    return "match state out of range";

  std::vector<std::uint8_t> literals;
  if (const auto* wrong =
          decode_literals(block, payload.first(block.literal_payload_bytes), literals))
    return wrong;

  const auto begin = out.size();
  BackwardBits bits(payload.subspan(block.literal_payload_bytes, block.match_payload_bytes),
                    block.match_bits);
  if (!bits.unused_bits_are_clear())
    return "matches end in the wrong bits";
  auto rest = std::span<const std::uint8_t>(literals);
  std::size_t distance = 0;
  for (std::uint32_t i = 0; i < block.matches; ++i) {
    const auto run = runs->next(run_state, bits);
    const auto length = lengths->next(match_state, bits);
    if (const auto named = distances->next(distance_state, bits); named != 0)
      distance = named;
    if (!bits.ok())
      return "matches are cut off";
    if (run > rest.size())
      return "more literals used than there are";
    if (!out.append(rest.first(run)))
      return "decodes to more bytes than declared";
    rest = rest.subspan(run);
    if (length != 0 && !out.copy_match(distance, length))
      return "a match reaches before the beginning or past the declared size";
  }
  return out.size() - begin == block.raw_bytes ? nullptr
                                               : "decodes to another size than it declares";
}

}  // namespace anecompat::coreml::lzfse
