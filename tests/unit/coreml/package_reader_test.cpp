#include "coreml/package_reader.hpp"

#include "support/corpus.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

namespace anecompat::coreml {

namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string manifest(std::string_view path, std::string_view root = "A") {
  return fmt::format(
      R"({{"fileFormatVersion": "1.0.0", "itemInfoEntries": {{"A": {{"path": "{}"}}}},)"
      "\n"
      R"("rootModelIdentifier": "{}"}})",
      path, root);
}

std::string error_of(const std::string& package) {
  const auto graph = read_package(package, {});
  return graph ? "read" : graph.error().to_string();
}

}  // namespace

TEST(PackageReader, reads_every_package_of_the_corpus) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto& model : test::corpus_models()) {
    if (!model.path.ends_with(".mlpackage"))
      continue;
    const auto graph = read_package(model.path, {});
    ASSERT_TRUE(graph) << graph.error().to_string();
    EXPECT_EQ(graph->format(), "mlpackage");
    EXPECT_FALSE(graph->model().functions.empty()) << model.name;
  }
}

TEST(PackageReader, refuses_paths_that_leave_the_package) {
  for (const auto* path : {"../outside.mlmodel", "a/../../b.mlmodel", "/etc/hosts", ""}) {
    test::TempDir directory;
    directory.write("outside.mlmodel", "x");
    directory.write("p.mlpackage/Manifest.json", manifest(path));
    EXPECT_THAT(error_of(directory.file("p.mlpackage")),
                AllOf(HasSubstr("Manifest.json"), HasSubstr("the model's path")))
        << path;
  }
}

TEST(PackageReader, refuses_to_follow_links) {
  test::TempDir directory;
  directory.write("outside/m.mlmodel", "x");
  directory.write("p.mlpackage/Manifest.json", manifest("link/m.mlmodel"));
  fs::create_directories(directory.path() / "p.mlpackage/Data");
  fs::create_directory_symlink(directory.path() / "outside",
                               directory.path() / "p.mlpackage/Data/link");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")),
              AnyOf(HasSubstr("symbolic link"), HasSubstr("Not a directory")));
}

TEST(PackageReader, names_a_model_that_is_not_there) {
  test::TempDir directory;
  directory.write("p.mlpackage/Manifest.json", manifest("m.mlmodel"));
  const auto graph = read_package(directory.file("p.mlpackage"), {});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().kind, ErrorKind::not_found);
  EXPECT_THAT(graph.error().message, HasSubstr("Data/m.mlmodel"));
}

TEST(PackageReader, errors_in_the_manifest_have_a_place) {
  test::TempDir directory;
  const auto path = directory.write("p.mlpackage/Manifest.json", "{\n  \"a\": nope}");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")), HasSubstr(path + ":2:9: not valid JSON"));
  directory.write("p.mlpackage/Manifest.json", "{\n\"a\": ");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")), HasSubstr("JSON that ends too early"));
  directory.write("p.mlpackage/Manifest.json", std::string(100'000, '['));
  EXPECT_THAT(error_of(directory.file("p.mlpackage")), HasSubstr(":1:65: JSON nested too deeply"));
  directory.write("p.mlpackage/Manifest.json", "{}");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")), HasSubstr("itemInfoEntries"));
  directory.write("p.mlpackage/Manifest.json", R"({"itemInfoEntries": {"A": {"path": 3}}})");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")), HasSubstr("item \"A\" has no \"path\""));
}

TEST(PackageReader, without_a_root_there_must_be_exactly_one_model) {
  test::TempDir directory;
  directory.write("p.mlpackage/Manifest.json",
                  R"({"rootModelIdentifier": "Z", "itemInfoEntries":
                      {"A": {"path": "a.mlmodel"}, "B": {"path": "b.mlmodel"}}})");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")),
              HasSubstr("root model \"Z\" is not among its items, and 2 of its items are models"));
  directory.write("p.mlpackage/Manifest.json",
                  R"({"itemInfoEntries": {"A": {"path": "weights"}}})");
  EXPECT_THAT(error_of(directory.file("p.mlpackage")),
              HasSubstr("no \"rootModelIdentifier\", and none of its items are models"));
}

TEST(PackageReader, a_directory_without_a_manifest_is_not_found) {
  test::TempDir directory;
  const auto graph = read_package(directory.path().string(), {});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().kind, ErrorKind::not_found);
  EXPECT_THAT(graph.error().message, HasSubstr("Manifest.json"));
}

}  // namespace anecompat::coreml
