#include "coreml/reader.hpp"

#include "coreml/compiled_reader.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/package_reader.hpp"
#include "coreml/placeholder.hpp"
#include "coreml/reader_gzip.hpp"
#include "support/byte_source.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace anecompat::coreml {

namespace {

namespace fs = std::filesystem;

// What the first bytes of a file say it is.
enum class Content : std::uint8_t {
  empty,
  gzip,
  zip,
  mil_text,
  json,
  markup,
  protobuf,  // everything else: only decoding can tell
};

// None of these beginnings is a legal beginning of a protobuf message, whatever the order of its
// fields: each holds a tag with a wire type or field number that does not exist.
Content sniff(std::string_view head) {
  if (head.empty())
    return Content::empty;
  if (head.starts_with("\x1f\x8b"))
    return Content::gzip;
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06"))
    return Content::zip;
  if (head.starts_with("\xEF\xBB\xBF"))
    head.remove_prefix(3);
  const auto text = trim(head);
  if (text.starts_with("program"))
    return Content::mil_text;
  if (text.starts_with("{\"") || text.starts_with("{\n") || text.starts_with("{ ") ||
      text.starts_with("{\r") || text == "{}")
    return Content::json;
  const auto lower = to_lower(text.substr(0, 16));
  if (lower.starts_with("<!doctype") || lower.starts_with("<html") || lower.starts_with("<?xml"))
    return Content::markup;
  return Content::protobuf;
}

Error refusal(const std::string& path, std::string message, std::string advice = {}) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .file = path,
          .advice = std::move(advice)};
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<Graph> read_directory(const std::string& path, const ReadLimits& limits) {
  const fs::path directory(path);
  if (is_there(directory / "Manifest.json"))
    return read_package(path, limits);
  constexpr std::array k_compiled = {"coremldata.bin", "model.mil", "model.espresso.net"};
  const bool compiled =
      std::ranges::any_of(k_compiled, [&](const char* name) { return is_there(directory / name); });
  // A trailing slash leaves an empty file name.
  const auto named = directory.has_filename() ? directory : directory.parent_path();
  if (compiled || to_lower(named.extension().string()) == ".mlmodelc")
    return read_compiled(path, limits);
  return fail(refusal(path,
                      "is a directory but neither an .mlpackage (no Manifest.json) nor an "
                      ".mlmodelc (no coremldata.bin)"));
}

Result<Graph> read_protobuf(const std::shared_ptr<ByteSource>& source, const ReadLimits& limits) {
  GraphBuilder builder("mlmodel");
  builder.keep(source);
  WireStatus status;
  const ReadContext context{.limits = limits};
  auto model = read_model_message(WireReader(*source, status), builder, context);
  if (!model)
    return fail(std::move(model.error()).in_file(source->name()));
  return std::move(builder).finish(*model);
}

Result<Graph> read_gzip(const std::string& path, ByteSource& packed, const ReadLimits& limits) {
  ANECOMPAT_TRY_ASSIGN(const auto source, inflate_gzip(packed, limits.max_text_bytes));
  const auto bytes = source->bytes();
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 64));
  const auto content = sniff(head);
  if (content == Content::empty)
    return fail(refusal(path, "is a gzip file with nothing in it"));
  if (content != Content::protobuf) {
    return fail(refusal(path, "is a gzip file, but not of an .mlmodel",
                        "unpack it and name the model inside"));
  }
  return read_protobuf(source, limits);
}

// A file that is not there, or is a link to content that git-annex has not fetched.
std::optional<Error> missing(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_symlink(path, ignored) || is_there(path))
    return std::nullopt;
  const auto target = fs::read_symlink(path, ignored).string();
  if (target.find("annex/objects") == std::string::npos)
    return std::nullopt;
  return refusal(path, "is a git-annex link whose content is not here",
                 "run `git annex get` on it");
}

Result<Graph> read_file(const std::string& path, const ReadLimits& limits) {
  ANECOMPAT_TRY_ASSIGN(const auto source, ByteSource::open(path));
  const auto extension = to_lower(fs::path(path).extension().string());
  if (extension == ".mlmodelkey") {
    return fail({.kind = ErrorKind::unsupported,
                 .message = "is the key of an encrypted model, not a model",
                 .file = path,
                 .advice = "name the .mlmodel or .mlmodelc itself"});
  }
  if (auto error = placeholder(*source))
    return fail(std::move(*error));
  const auto bytes = source->bytes();
  const auto head_size = std::min<std::size_t>(bytes.size(), 256);
  if (!source->load(bytes.data(), head_size))
    return fail(refusal(path, "was cut or changed while it was read"));
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), head_size);
  switch (sniff(head)) {
    case Content::empty:
      return fail(refusal(path, "is empty"));
    case Content::gzip:
      return read_gzip(path, *source, limits);
    case Content::zip:
      return fail(refusal(path, "is a ZIP archive, not a model",
                          "unpack it, or name it by `url:` in the manifest, which unpacks it"));
    case Content::mil_text:
      return read_mil_file(path, limits);
    case Content::json:
      return fail(refusal(path, "is JSON, not a model",
                          "name the .mlpackage or .mlmodelc directory it belongs to"));
    case Content::markup:
      return fail(refusal(path, "is a web page or XML, not a model",
                          "a download may have failed; look at what the file says"));
    case Content::protobuf:
      break;
  }
  if (extension == ".mil")
    return read_mil_file(path, limits);
  return read_protobuf(source, limits);
}

}  // namespace

Result<Graph> read_model(const std::string& path, const ReadLimits& limits) {
  if (auto error = missing(path))
    return fail(std::move(*error));
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return read_directory(path, limits);
  return read_file(path, limits);
}

}  // namespace anecompat::coreml
