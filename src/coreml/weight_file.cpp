#include "coreml/weight_file.hpp"

#include "coreml/element_sink.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <span>

namespace anecompat::coreml {

namespace {

constexpr std::string_view k_model_path = "@model_path/";
constexpr std::uint32_t k_sentinel = 0xDEADBEEF;
constexpr std::size_t k_record_size = 64;

// The numbers of blob storage, which are not those of MIL's DataType.
std::optional<std::uint32_t> storage_type(DataType dtype) {
  switch (dtype) {
    case DataType::uint8:
      return 3;
    case DataType::int8:
      return 4;
    case DataType::int16:
      return 6;
    case DataType::uint16:
      return 7;
    case DataType::int32:
      return 14;
    case DataType::uint32:
      return 15;
    default:
      return std::nullopt;
  }
}

template <typename T>
T little_endian(std::span<const std::uint8_t> bytes, std::size_t at) {
  T value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool read_exactly(int file, std::span<std::uint8_t> to, std::uint64_t offset) {
  return ::pread(file, to.data(), to.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(to.size());
}

}  // namespace

bool WeightFiles::readable(const ValueType& type) {
  const auto count = type.shape.element_count();
  return type.is_tensor() && storage_type(type.dtype) && count && *count > 0 &&
         *count <= Literal::k_max_elements;
}

std::optional<std::vector<std::int64_t>> WeightFiles::read(const BlobRef& blob,
                                                           const ValueType& type) {
  if (!readable(type))
    return give_up("is no short integer vector");
  auto& file = open(blob.file);
  if (!file.problem.empty())
    return give_up(file.problem);

  const auto fits = [&](std::uint64_t offset, std::uint64_t size) {
    return size <= file.size && offset <= file.size - size;
  };
  std::array<std::uint8_t, k_record_size> record{};
  if (!fits(blob.offset, record.size()) ||
      !read_exactly(file.descriptor.get(), record, blob.offset) ||
      little_endian<std::uint32_t>(record, 0) != k_sentinel)
    return give_up(fmt::format("no blob record at byte {}", blob.offset));
  if (little_endian<std::uint32_t>(record, 4) != storage_type(type.dtype))
    return give_up(
        fmt::format("the blob at byte {} is not {}", blob.offset, to_string(type.dtype)));

  const auto bytes = stored_bytes(type);
  const auto size = little_endian<std::uint64_t>(record, 8);
  const auto offset = little_endian<std::uint64_t>(record, 16);
  if (size != bytes || !fits(offset, size))
    return give_up(fmt::format("the blob at byte {} does not hold {} bytes", blob.offset, bytes));
  std::vector<std::uint8_t> data(bytes);  // at most 256 elements
  if (!read_exactly(file.descriptor.get(), data, offset))
    return give_up(fmt::format("cannot read {} bytes at {}", bytes, offset));

  std::vector<std::int64_t> values;
  for (std::size_t at = 0; at < data.size(); at += bits_of(type.dtype) / 8) {
    switch (type.dtype) {
      case DataType::int8:
        values.push_back(little_endian<std::int8_t>(data, at));
        break;
      case DataType::int16:
        values.push_back(little_endian<std::int16_t>(data, at));
        break;
      case DataType::uint16:
        values.push_back(little_endian<std::uint16_t>(data, at));
        break;
      case DataType::int32:
        values.push_back(little_endian<std::int32_t>(data, at));
        break;
      case DataType::uint32:
        values.push_back(little_endian<std::uint32_t>(data, at));
        break;
      default:
        values.push_back(data[at]);
        break;
    }
  }
  return values;
}

WeightFiles::File& WeightFiles::open(std::string_view name) {
  const auto found = m_files.find(name);
  if (found != m_files.end())
    return found->second;
  auto& file = m_files.emplace(name, File{}).first->second;
  if (m_directory.empty()) {
    file.problem = "the model has no directory of its own";
    return file;
  }
  if (!name.starts_with(k_model_path)) {
    file.problem = "its path does not begin with \"@model_path/\"";
    return file;
  }
  auto opened = open_below(m_directory, name.substr(k_model_path.size()));
  if (!opened) {
    file.problem = opened.error().message;
    return file;
  }
  struct stat status = {};
  if (::fstat(opened->get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    file.problem = "it is not a regular file";
    return file;
  }
  file.descriptor = std::move(*opened);
  file.size = static_cast<std::uint64_t>(status.st_size);
  return file;
}

std::nullopt_t WeightFiles::give_up(std::string problem) {
  m_problem = std::move(problem);
  return std::nullopt;
}

}  // namespace anecompat::coreml
