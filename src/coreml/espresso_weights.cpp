#include "coreml/espresso_weights.hpp"

#include "coreml/lzfse_output.hpp"
#include "support/byte_source.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <bit>
#include <map>
#include <unordered_map>

namespace anecompat::coreml {

namespace {

using BlobSizes = std::unordered_map<std::uint64_t, std::uint64_t>;  // by id

constexpr std::size_t k_entry_bytes = 16;
constexpr std::uint64_t k_max_blobs = 1'000'000;

// The table: a count, then id and size of each blob, all little-endian 64-bit numbers.
Result<BlobSizes> read_table(const std::string& path) {
  ANECOMPAT_TRY_ASSIGN(const auto source, ByteSource::open(path));
  const auto bytes = source->bytes();
  const auto broken = [](std::string message) {
    return fail(Error{.message = std::move(message)});
  };
  if (bytes.size() < sizeof(std::uint64_t) || !source->load(bytes.data(), sizeof(std::uint64_t)))
    return broken("is too short for its table");
  const auto count = lzfse::load<std::uint64_t>(bytes, 0);
  if (count > k_max_blobs || count > (bytes.size() - sizeof(std::uint64_t)) / k_entry_bytes)
    return broken(fmt::format("declares {} blobs in {} bytes", count, bytes.size()));
  const auto table = bytes.subspan(sizeof(std::uint64_t), count * k_entry_bytes);
  if (!source->load(table.data(), table.size()))
    return broken("was cut while it was read");
  BlobSizes sizes;
  for (std::size_t at = 0; at < table.size(); at += k_entry_bytes)
    sizes[lzfse::load<std::uint64_t>(table, at)] = lzfse::load<std::uint64_t>(table, at + 8);
  return sizes;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

std::uint64_t size_of(const BlobSizes& sizes, std::int64_t blob) {
  const auto found = sizes.find(static_cast<std::uint64_t>(blob));
  return found == sizes.end() ? 0 : found->second;
}

// A table of 2^n floats means n bits per weight.
std::string palettized(std::uint64_t table_bytes) {
  const auto entries = table_bytes / sizeof(float);
  if (entries >= 2 && std::has_single_bit(entries) && entries <= 256)
    return fmt::format("palettized {} bits", std::countr_zero(entries));
  return "palettized";
}

}  // namespace

void EspressoWeights::add(const EspressoLayer& layer) {
  const auto lookup_table = layer.integer("quantization_lut_weights_blob");
  const bool quantized = layer.flag("quantization_mode") || layer.has("quantization_ranges_blob");
  const auto encoding_of = [&](std::string_view key) -> std::optional<Encoding> {
    if (key == "blob_weights_f16")
      return Encoding::fp16;
    if (key == "blob_weights") {
      return lookup_table ? Encoding::palettized : quantized ? Encoding::quantized : Encoding::fp32;
    }
    if (key == "blob_biases" || key == "blob_batchnorm_params" || key == "constant_blob")
      return Encoding::fp32;
    if (key.starts_with("blob_") || key.starts_with("weights."))
      return Encoding::unknown;
    return std::nullopt;
  };
  for (const auto& field : layer.fields()) {
    const auto encoding = encoding_of(field.key);
    const auto* blob = std::get_if<std::int64_t>(&field.value);
    if (encoding && blob != nullptr)
      m_uses.push_back({*encoding, *blob, lookup_table});
  }
}

std::span<const WeightSummary> EspressoWeights::summarize(const std::string& directory,
                                                          const std::string& storage,
                                                          GraphBuilder& builder) const {
  if (m_uses.empty())
    return {};
  BlobSizes sizes;
  if (!is_plain_name(storage)) {
    builder.note(
        fmt::format("weights file \"{}\" is not a plain file name; sizes of weights are "
                    "unknown",
                    printable(storage)));
  } else if (auto table = read_table(directory + '/' + storage); table) {
    sizes = std::move(*table);
  } else {
    builder.note(fmt::format("weights file {}: {}; sizes of weights are unknown",
                             printable(storage), table.error().message));
  }

  std::map<std::string, WeightSummary> sums;
  for (const auto& use : m_uses) {
    std::string name;
    switch (use.encoding) {
      case Encoding::fp16:
        name = "fp16";
        break;
      case Encoding::fp32:
        name = "fp32";
        break;
      case Encoding::quantized:
        name = "quantized";
        break;
      case Encoding::palettized:
        name = palettized(size_of(sizes, *use.lookup_table));
        break;
      case Encoding::unknown:
        name = "unknown";
        break;
    }
    auto& sum = sums[name];
    ++sum.tensors;
    const auto bytes = size_of(sizes, use.blob);
    sum.bytes = bytes > UINT64_MAX - sum.bytes ? UINT64_MAX : sum.bytes + bytes;
  }
  std::vector<WeightSummary> all;
  for (auto& [name, sum] : sums) {
    sum.encoding = builder.intern(name);
    all.push_back(sum);
  }
  return builder.store(all);
}

}  // namespace anecompat::coreml
