#include "coreml/espresso_file.hpp"

#include "coreml/pbze.hpp"
#include "coreml/placeholder.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::coreml {

namespace {

Error not_a_network(std::string_view text) {
  if (text.empty()) {
    return {.message = "is empty",
            .advice = "compile the model again, or copy it again if it was cut on the way"};
  }
  if (auto error = placeholder(text))
    return std::move(*error);
  return {.kind = ErrorKind::unsupported,
          .message =
              "neither JSON nor a known compressed form: it is encrypted, or not an "
              "espresso file",
          .advice = "check the .mlmodel or .mlpackage it was compiled from"};
}

}  // namespace

std::string_view EspressoFile::text() const {
  const auto bytes = m_source->bytes();
  auto text = m_unpacked.empty()
                  ? std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
                  : std::string_view(m_unpacked);
  constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(k_byte_order_mark))
    text.remove_prefix(k_byte_order_mark.size());
  return text;
}

Result<EspressoFile> read_espresso_file(const std::string& path, const ReadLimits& limits) {
  ANECOMPAT_TRY_ASSIGN(auto source, ByteSource::open(path));
  const auto bytes = source->bytes();
  if (bytes.size() > limits.max_text_bytes) {
    return fail(
        {.message = fmt::format("has {}, more than the {} allowed", human_bytes(bytes.size()),
                                human_bytes(limits.max_text_bytes)),
         .file = path});
  }
  if (!source->load(bytes.data(), bytes.size()))
    return fail({.message = "was cut while it was read", .file = path});
  std::string unpacked;
  if (is_pbze(bytes)) {
    auto result = unpack_pbze(bytes, limits.max_text_bytes);
    if (!result)
      return fail(std::move(result.error()).in_file(path));
    unpacked = std::move(*result);
  }
  auto file = EspressoFile(std::move(source), std::move(unpacked));
  if (!trim(file.text().substr(0, 64)).starts_with('{'))
    return fail(not_a_network(file.text()).in_file(path));
  return file;
}

}  // namespace anecompat::coreml
