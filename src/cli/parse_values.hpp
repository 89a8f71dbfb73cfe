// What options mean: words to values, with the word that was probably meant in every error.
#pragma once

#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::cli {

// Everything here fails with kind usage.

// The index of `word` in `words`; the error names `option` and lists them all.
Result<std::size_t> parse_choice(std::string_view option, std::string_view word,
                                 std::span<const std::string_view> words);

// Chips by family or marketing name, or "host"; each family once, in the order given.
Result<std::vector<ane::Target>> parse_targets(std::span<const std::string> words);

Result<ane::ComputeUnits> parse_units(std::string_view word);

// "2/8": the second of eight.
struct Shard {
  std::uint32_t index = 1;
  std::uint32_t count = 1;
};
Result<Shard> parse_shard(std::string_view text);

// "512MB", "4GB": bytes, in powers of 1000; from 64 MB, below which no model is read, to 1 TB.
Result<std::uint64_t> parse_memory(std::string_view text);

enum class TextOrJson : std::uint8_t { text, json };
Result<TextOrJson> parse_text_or_json(std::string_view word);

}  // namespace anecompat::cli
