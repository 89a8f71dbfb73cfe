#include "coreml/weight_file.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <type_traits>

namespace anecompat::coreml {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr std::string_view k_name = "@model_path/weights/weight.bin";

template <typename T>
std::string little_endian(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

struct Record {
  std::uint32_t sentinel = 0xDEADBEEF;
  std::uint32_t type = 14;  // int32
  std::uint64_t size = 0;
  std::uint64_t offset = 128;
};

// A weight file of one blob: header, record, data.
std::string file_of(const Record& record, const std::string& data) {
  auto file = little_endian(std::uint32_t{1}) + little_endian(std::uint32_t{2});
  file.resize(64);
  file += little_endian(record.sentinel) + little_endian(record.type) + little_endian(record.size) +
          little_endian(record.offset);
  file.resize(128);
  return file + data;
}

template <typename T>
std::string data_of(std::initializer_list<T> values) {
  std::string data;
  for (const auto value : values)
    data += little_endian(value);
  return data;
}

class WeightFile : public testing::Test {
 protected:
  std::optional<std::vector<std::int64_t>> read(const std::string& file, DataType dtype,
                                                std::int64_t count, std::uint64_t offset = 64) {
    m_directory.write("weights/weight.bin", file);
    WeightFiles files(m_directory.path().string());
    const auto values = files.read({.file = k_name, .offset = offset}, type(dtype, count));
    m_problem = files.problem();
    return values;
  }

  ValueType type(DataType dtype, std::int64_t count) {
    m_count = count;
    return {.kind = ValueType::Kind::tensor,
            .dtype = dtype,
            .shape = {.ranked = true, .dims = std::span(&m_count, 1)}};
  }

  test::TempDir m_directory;
  std::string m_problem;
  std::int64_t m_count = 0;
};

TEST_F(WeightFile, ReadsIntegersOfEveryWidth) {
  EXPECT_THAT(read(file_of({.size = 8}, data_of<std::int32_t>({-1, 70000})), DataType::int32, 2),
              Optional(ElementsAre(-1, 70000)));
  EXPECT_THAT(read(file_of({.type = 15, .size = 4}, data_of<std::uint32_t>({4'000'000'000})),
                   DataType::uint32, 1),
              Optional(ElementsAre(4'000'000'000)));
  EXPECT_THAT(
      read(file_of({.type = 6, .size = 4}, data_of<std::int16_t>({-2, 3})), DataType::int16, 2),
      Optional(ElementsAre(-2, 3)));
  EXPECT_THAT(
      read(file_of({.type = 7, .size = 2}, data_of<std::uint16_t>({65535})), DataType::uint16, 1),
      Optional(ElementsAre(65535)));
  EXPECT_THAT(read(file_of({.type = 4, .size = 1}, data_of<std::int8_t>({-7})), DataType::int8, 1),
              Optional(ElementsAre(-7)));
  EXPECT_THAT(
      read(file_of({.type = 3, .size = 1}, data_of<std::uint8_t>({200})), DataType::uint8, 1),
      Optional(ElementsAre(200)));
}

TEST_F(WeightFile, IsForShortIntegerVectorsOnly) {
  EXPECT_TRUE(WeightFiles::readable(type(DataType::int32, 256)));
  EXPECT_FALSE(WeightFiles::readable(type(DataType::int32, 257)));
  EXPECT_FALSE(WeightFiles::readable(type(DataType::int32, 0)));
  EXPECT_FALSE(WeightFiles::readable(type(DataType::int32, -1)));
  EXPECT_FALSE(WeightFiles::readable(type(DataType::float16, 4)));
  EXPECT_FALSE(WeightFiles::readable(type(DataType::int4, 4)));
}

TEST_F(WeightFile, SaysWhyARecordIsNoGood) {
  const auto data = data_of<std::int32_t>({1, 2});
  EXPECT_FALSE(read(file_of({.sentinel = 1, .size = 8}, data), DataType::int32, 2));
  EXPECT_THAT(m_problem, HasSubstr("no blob record at byte 64"));
  EXPECT_FALSE(read(file_of({.size = 8}, data), DataType::int32, 2, 1000));
  EXPECT_THAT(m_problem, HasSubstr("no blob record at byte 1000"));
  EXPECT_FALSE(read(file_of({.size = 8}, data), DataType::int32, 2, UINT64_MAX));
  EXPECT_THAT(m_problem, HasSubstr("no blob record"));
  EXPECT_FALSE(read(file_of({.type = 2, .size = 8}, data), DataType::int32, 2));
  EXPECT_THAT(m_problem, HasSubstr("is not int32"));
  EXPECT_FALSE(read(file_of({.size = 12}, data), DataType::int32, 2));
  EXPECT_THAT(m_problem, HasSubstr("does not hold 8 bytes"));
  for (const auto offset : {std::uint64_t{132}, UINT64_MAX - 3}) {
    EXPECT_FALSE(read(file_of({.size = 8, .offset = offset}, data), DataType::int32, 2));
    EXPECT_THAT(m_problem, HasSubstr("does not hold 8 bytes"));
  }
}

TEST_F(WeightFile, StaysInTheDirectoryOfTheModel) {
  m_directory.write("weight.bin", file_of({.size = 4}, data_of<std::int32_t>({5})));
  std::filesystem::create_directory(m_directory.path() / "model");
  WeightFiles files(m_directory.file("model"));
  const auto int32 = type(DataType::int32, 1);
  EXPECT_FALSE(files.read({.file = "@model_path/../weight.bin", .offset = 64}, int32));
  EXPECT_THAT(files.problem(), HasSubstr(".."));
  EXPECT_FALSE(files.read({.file = "weight.bin", .offset = 64}, int32));
  EXPECT_THAT(files.problem(), HasSubstr("@model_path/"));
  EXPECT_FALSE(files.read({.file = "@model_path/none.bin", .offset = 64}, int32));
  EXPECT_THAT(files.problem(), HasSubstr("none.bin"));
  EXPECT_FALSE(files.read({.file = "@model_path/.", .offset = 64}, int32));
  EXPECT_THAT(files.problem(), HasSubstr("not a regular file"));
  EXPECT_FALSE(WeightFiles("").read({.file = "@model_path/weight.bin", .offset = 64}, int32));
  EXPECT_TRUE(WeightFiles(m_directory.path().string())
                  .read({.file = "@model_path/weight.bin", .offset = 64}, int32));
}

}  // namespace
}  // namespace anecompat::coreml
