#include "cli/manifest_draft.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anecompat::cli {

namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(std::initializer_list<const char*> paths) {
  std::vector<FoundModel> models;
  for (const auto* path : paths)
    models.push_back({.path = path, .entry = {}});
  return unique_names(models);
}

}  // namespace

TEST(ManifestDraft, NamesAModelByItsStem) {
  EXPECT_THAT(names_of({"models/vision/a.mlmodel", "models/b.mlpackage"}), ElementsAre("a", "b"));
}

TEST(ManifestDraft, TellsEqualStemsApartByAsFewDirectoriesAsItTakes) {
  EXPECT_THAT(
      names_of({"models/vad/compiled/int8.mlmodelc", "models/vad/quantized/int8.mlpackage"}),
      ElementsAre("compiled/int8", "quantized/int8"));
  EXPECT_THAT(names_of({"a/x/m.mlmodel", "b/x/m.mlmodel", "b/y/m.mlmodel"}),
              ElementsAre("a/x/m", "b/x/m", "y/m"));
}

TEST(ManifestDraft, KeepsTheStemOfAModelAtTheTop) {
  EXPECT_THAT(names_of({"m.mlmodel", "x/m.mlmodel"}), ElementsAre("m", "x/m"));
}

TEST(ManifestDraft, NamesModelsSideBySideWithTheirEndings) {
  EXPECT_THAT(names_of({"x/m.mlmodel", "x/m.mlpackage"}),
              ElementsAre("x/m.mlmodel", "x/m.mlpackage"));
}

}  // namespace anecompat::cli
