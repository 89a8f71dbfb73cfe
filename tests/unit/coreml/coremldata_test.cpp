#include "coreml/coremldata.hpp"

#include "support/corpus.hpp"
#include "support/files.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace anecompat::coreml {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace

TEST(CoreMLData, reads_the_header_of_compiled_models) {
  ANECOMPAT_REQUIRE_CORPUS();
  struct Expected {
    std::string path;
    std::uint32_t type;
    std::uint64_t spec_version;
  };
  const std::string models = *test::corpus_directory() + "/models/";
  for (const auto& expected : std::vector<Expected>{
           {"apple__coremltools/coremltools/modelrunner/ModelRunner/add_model.mlmodelc", 502, 7},
           {"jafreck__ironmill/test-q/base.mlmodelc", 502, 9},
           {"JacopoMangiavacchi__S4TF_CoreML_Test/Models/s4tf_model_retrained.mlmodelc", 500, 4}}) {
    const auto text = read_text_file(models + expected.path + "/coremldata.bin");
    ASSERT_TRUE(text);
    const auto bytes = bytes_of(*text);
    const auto data = parse_coremldata(bytes);
    ASSERT_TRUE(data) << data.error().to_string();
    EXPECT_EQ(data->model_type, expected.type);
    EXPECT_EQ(data->spec_version, expected.spec_version);
    EXPECT_EQ(data->variant, "generic");
    ASSERT_FALSE(data->description.empty());
    EXPECT_EQ(data->description.front(), 0x0A);  // ModelDescription.input
  }
}

TEST(CoreMLData, a_length_beyond_the_file_is_an_error) {
  std::vector<std::uint8_t> bytes(28, 0);
  bytes.insert(bytes.end(), 8, 0xFF);  // a string of 2^64 - 1 bytes
  bytes.insert(bytes.end(), 100, 0);
  const auto data = parse_coremldata(bytes);
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error().message, HasSubstr("the variant at byte 28"));
}

TEST(CoreMLData, names_of_stages) {
  const auto names = parse_model_names(
      bytes_of(std::string_view("\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0a\x02\0\0\0\0\0\0\0bc", 27)));
  ASSERT_TRUE(names);
  EXPECT_THAT(*names, ElementsAre("a", "bc"));
  EXPECT_FALSE(parse_model_names(std::vector<std::uint8_t>(8, 0xFF)));
}

}  // namespace anecompat::coreml
