#include "coreml/reader_gzip.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

namespace anecompat::coreml {

namespace {

constexpr int k_gzip_window = 15 + 16;  // zlib's way to say: a gzip header, the largest window
// Models compress to a tenth at best, tables of trees to a fiftieth.
constexpr std::uint64_t k_max_ratio = 64;
constexpr std::uint64_t k_always_allowed = 4U << 20U;
constexpr std::size_t k_chunk = 1U << 16U;

class Inflater {
 public:
  Inflater() { m_ready = inflateInit2(&m_stream, k_gzip_window) == Z_OK; }
  ~Inflater() {
    if (m_ready)
      inflateEnd(&m_stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return m_ready; }
  z_stream& stream() { return m_stream; }

 private:
  z_stream m_stream = {};
  bool m_ready = false;
};

Error broken(const std::string& file, std::string message) {
  return {.kind = ErrorKind::unreadable, .message = std::move(message), .file = file};
}

}  // namespace

Result<std::shared_ptr<ByteSource>> inflate_gzip(ByteSource& packed, std::uint64_t limit) {
  const auto input = packed.bytes();
  const auto allowed = std::min(limit, std::max(k_always_allowed, input.size() * k_max_ratio));
  Inflater inflater;
  if (!inflater.ready())
    return fail(
        {.kind = ErrorKind::system, .message = "zlib does not start", .file = packed.name()});

  std::vector<std::uint8_t> output;
  std::array<std::uint8_t, k_chunk> chunk;
  auto& stream = inflater.stream();
  std::size_t consumed = 0;
  for (int code = Z_OK; code != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      const auto size = std::min(k_chunk, input.size() - consumed);
      if (size == 0)
        return fail(broken(packed.name(), "is a gzip file that is cut before its end"));
      if (!packed.load(input.data() + consumed, size))
        return fail(broken(packed.name(), "was cut or changed while it was read"));
      stream.next_in =
          const_cast<std::uint8_t*>(input.data() + consumed);  // NOLINT: zlib reads only
      stream.avail_in = static_cast<uInt>(size);
      consumed += size;
    }
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    code = inflate(&stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return fail(broken(packed.name(),
                         fmt::format("is a damaged gzip file: {} near byte {}",
                                     stream.msg == nullptr ? "zlib cannot read it" : stream.msg,
                                     consumed - stream.avail_in)));
    }
    const auto produced = chunk.size() - stream.avail_out;
    if (output.size() + produced > allowed) {
      return fail(broken(packed.name(),
                         fmt::format("is a gzip file that expands to more than {} bytes, which no "
                                     "model of its size does",
                                     allowed)));
    }
    output.insert(output.end(), chunk.begin(),
                  chunk.begin() + static_cast<std::ptrdiff_t>(produced));
  }
  return ByteSource::from_memory(std::move(output), packed.name());
}

}  // namespace anecompat::coreml
