#include "coreml/reader.hpp"

#include "coreml/model_reader.hpp"
#include "support/corpus.hpp"
#include "support/protobuf_writer.hpp"
#include "support/temp_dir.hpp"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace anecompat::coreml {
namespace {

using test::ProtobufWriter;
using test::TempDir;
using testing::AllOf;
using testing::HasSubstr;

std::string message_of(const std::string& path) {
  const auto graph = read_model(path);
  return graph ? "was read" : graph.error().to_string();
}

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string packed(compressBound(bytes.size()) + 64, '\0');
  std::string input(bytes);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string identity_model() {
  return ProtobufWriter().varint(1, 1).bytes(2, "").bytes(900, "").str();
}

TEST(Reader, SaysWhatAFileIsThatIsNoModel) {
  const TempDir dir;
  struct Case {
    std::string_view name;
    std::string_view contents;
    std::string_view expected;
  };
  const Case cases[] = {
      {"a.mlmodel", "", "is empty"},
      {"b.mlmodel", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
       "run `git lfs pull`"},
      {"c.mlmodel", "PK\x03\x04rest", "is a ZIP archive"},
      {"d.mlmodel", "<!DOCTYPE html><html>", "is a web page"},
      {"e.mlmodel", "{\"fileFormatVersion\": \"1.0.0\"}", "is JSON"},
      {"f.mlmodel", "/annex/objects/SHA256E-s3--00.mlmodel\n", "run `git annex get`"},
      {"g.mlmodelkey", "\x01\x02", "is the key of an encrypted model"},
      {"h.mlmodel", "just some text", "is not a Core ML model"},
  };
  for (const auto& sample : cases)
    EXPECT_THAT(message_of(dir.write(sample.name, sample.contents)), HasSubstr(sample.expected));
}

TEST(Reader, SaysThatAFileIsNotThere) {
  const TempDir dir;
  const auto graph = read_model(dir.file("none.mlmodel"));
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().kind, ErrorKind::not_found);
}

// `*.mlpackage/**` and `*.mlmodelc/**` in .gitattributes turn every file of a bundle into a
// pointer.
TEST(Reader, NamesLfsPointersInsideBundles) {
  constexpr std::string_view k_pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 95826\n";
  constexpr std::string_view k_manifest =
      R"({"rootModelIdentifier": "a", "itemInfoEntries": {"a": {"path": "m.mlmodel"}}})";
  const TempDir dir;
  dir.write("model.mlpackage/Manifest.json", k_manifest);
  dir.write("model.mlpackage/Data/m.mlmodel", k_pointer);
  dir.write("all.mlpackage/Manifest.json", k_pointer);
  dir.write("text.mlmodelc/model.mil", k_pointer);
  dir.write("header.mlmodelc/coremldata.bin", k_pointer);
  dir.write("network.mlmodelc/model.espresso.net", k_pointer);
  const std::pair<const char*, const char*> cases[] = {
      {"model.mlpackage", "/Data/m.mlmodel: is a Git LFS pointer"},
      {"all.mlpackage", "/Manifest.json: is a Git LFS pointer"},
      {"text.mlmodelc", "/model.mil: is a Git LFS pointer"},
      {"header.mlmodelc", "/coremldata.bin: is a Git LFS pointer"},
      {"network.mlmodelc", "/model.espresso.net: is a Git LFS pointer"},
  };
  for (const auto& [bundle, expected] : cases) {
    EXPECT_THAT(message_of(dir.file(bundle)), AllOf(HasSubstr(expected), HasSubstr("`lfs: true`")));
  }
}

TEST(Reader, ExplainsALinkThatGitAnnexHasNotFilled) {
  const TempDir dir;
  std::filesystem::create_symlink(".git/annex/objects/xx/yy/KEY", dir.path() / "m.mlmodel");
  EXPECT_THAT(message_of(dir.file("m.mlmodel")), HasSubstr("git annex get"));
}

TEST(Reader, RefusesADirectoryThatIsNoModel) {
  const TempDir dir;
  EXPECT_THAT(message_of(dir.path().string()),
              AllOf(HasSubstr("no Manifest.json"), HasSubstr("no coremldata.bin")));
}

TEST(Reader, ReadsAModelWhateverTheOrderOfItsFields) {
  const TempDir dir;
  const auto path =
      dir.write("m.mlmodel", ProtobufWriter().bytes(900, "").bytes(2, "").varint(1, 1).str());
  const auto graph = read_model(path);
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(graph->model().type_name, "identity");
  EXPECT_EQ(graph->model().spec_version, 1);
}

TEST(Reader, ReadsAGzippedModel) {
  const TempDir dir;
  const auto graph = read_model(dir.write("m.mlmodel.gz", gzip(identity_model())));
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(graph->model().type_name, "identity");
}

TEST(Reader, RefusesGzipThatIsCutDamagedOrABomb) {
  const TempDir dir;
  const auto whole = gzip(identity_model());
  EXPECT_THAT(message_of(dir.write("cut.gz", whole.substr(0, whole.size() - 6))),
              HasSubstr("cut before its end"));
  EXPECT_THAT(message_of(dir.write("bad.gz", whole.substr(0, 10) + "\xff\xff\xff\xff\xff\xff")),
              HasSubstr("damaged gzip"));
  EXPECT_THAT(message_of(dir.write("bomb.gz", gzip(std::string(std::size_t{64} << 20U, '\0')))),
              HasSubstr("expands to more than"));
  EXPECT_THAT(message_of(dir.write("text.gz", gzip("<html>"))), HasSubstr("not of an .mlmodel"));
}

TEST(Reader, SaysWhereATruncatedModelEnds) {
  const TempDir dir;
  ProtobufWriter network;
  for (int i = 0; i < 3; ++i)
    network.message(1, ProtobufWriter().bytes(1, "layer").bytes(670, ""));
  const auto whole = ProtobufWriter().varint(1, 4).message(500, network).str();
  const auto path = dir.write("m.mlmodel", whole.substr(0, whole.size() - 5));
  EXPECT_THAT(message_of(path),
              AllOf(HasSubstr("is cut: it ends at byte"), HasSubstr("neuralNetwork"),
                    HasSubstr("after 2 whole layers"), HasSubstr("5 bytes are missing")));
}

TEST(Reader, GivesAnErrorOrAGraphForEveryTruncation) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto models = *test::corpus_directory() + "/models/";
  const TempDir dir;
  for (const auto* name :
       {"apple__coremltools/examples/updatable_models/models/TinyDrawingEmbedding.mlmodel",
        "lovoo__NSFWDetector/NSFWDetector/Classes/NSFW.mlmodel",
        "improve-ai__python-ranker/improveai/artifacts/models/dummy_v6.mlmodel",
        "getbouncer__cardscan-ios/CardScan/Assets/FindFour.mlmodel"}) {
    std::ifstream stream(models + name, std::ios::binary);
    std::stringstream buffer;
    buffer << stream.rdbuf();
    const auto whole = buffer.str();
    ASSERT_FALSE(whole.empty());
    for (std::size_t percent = 0; percent < 100; ++percent) {
      const auto path = dir.write("cut.mlmodel", whole.substr(0, whole.size() * percent / 100));
      const auto graph = read_model(path);
      EXPECT_FALSE(graph) << name << " at " << percent << " %";
      EXPECT_TRUE(graph || !graph.error().message.empty());
    }
  }
}

TEST(Reader, GivesAnErrorOrAGraphForRandomDamage) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto models = *test::corpus_directory() + "/models/";
  std::mt19937 random(20240607);
  for (const auto* name :
       {"apple__coremltools/examples/updatable_models/models/TinyDrawingEmbedding.mlmodel",
        "lovoo__NSFWDetector/NSFWDetector/Classes/NSFW.mlmodel",
        "kodecocodes__mlt-materials/12-sequence-model-creation/projects/notebooks/pre-trained/"
        "GestureClassifier.mlmodel",
        "zedge__DynamicCoreML/GAN/GAN/mnistStock.mlmodel"}) {
    std::ifstream stream(models + name, std::ios::binary);
    std::stringstream buffer;
    buffer << stream.rdbuf();
    const auto whole = buffer.str();
    ASSERT_FALSE(whole.empty());
    // Most bytes are weights, which nothing reads: aim at the structure at the beginning as well.
    for (int round = 0; round < 500; ++round) {
      std::vector<std::uint8_t> bytes(whole.begin(), whole.end());
      const auto reach = round % 2 == 0 ? std::min<std::size_t>(bytes.size(), 2000) : bytes.size();
      for (int flips = 0; flips < 3; ++flips)
        bytes[random() % reach] = static_cast<std::uint8_t>(random());
      const auto source = ByteSource::from_memory(std::move(bytes), name);
      GraphBuilder builder("mlmodel");
      WireStatus status;
      const auto model = read_model_message(WireReader(*source, status), builder, {});
      EXPECT_TRUE(model || !model.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace anecompat::coreml
