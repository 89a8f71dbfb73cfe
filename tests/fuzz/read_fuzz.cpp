// One libFuzzer entry per kind of reader, chosen by ANECOMPAT_FUZZ_MODEL, _MIL or _ESPRESSO. All of
// them read from memory. Run as `fuzz_model -max_len=65536 CORPUS_DIRECTORY`.
#include "coreml/espresso_reader.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/pbze.hpp"
#include "support/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace {

using namespace anecompat;
using namespace anecompat::coreml;

void read(std::span<const std::uint8_t> bytes) {
  GraphBuilder builder("fuzz");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
#if defined(ANECOMPAT_FUZZ_MODEL)
  static_cast<void>(text);
  const auto source = ByteSource::from_memory({bytes.begin(), bytes.end()}, "fuzz");
  WireStatus status;
  static_cast<void>(read_model_message(WireReader(*source, status), builder, {}));
#elif defined(ANECOMPAT_FUZZ_MIL)
  static_cast<void>(read_mil_text(text, builder, {}));
#elif defined(ANECOMPAT_FUZZ_ESPRESSO)
  if (is_pbze(bytes)) {
    static_cast<void>(unpack_pbze(bytes, 1U << 20U));
    return;
  }
  // What follows the first zero byte is the shape file.
  const auto net = text.substr(0, text.find('\0'));
  const auto shape = net.size() == text.size() ? std::string_view() : text.substr(net.size() + 1);
  static_cast<void>(read_espresso_text(net, shape, "", builder, {}));
#endif
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read({data, size});
  return 0;
}
