// The hint from Core ML's cache.
#include "evaluate/apple/bundle_cache.hpp"

#include "apple_test.hpp"

#include <filesystem>

namespace anecompat::test {
namespace {

using namespace evaluate;
using apple::bundles_since;
using testing::ElementsAre;
using testing::IsEmpty;

namespace fs = std::filesystem;

class BundleCache : public AppleTest {
 protected:
  void bundle(const std::string& hash, const std::string& chip, const std::string& part) {
    fs::create_directories(cache / "24F74" / hash / (hash + ".bundle") / (chip + ".bundle") / part);
  }

  fs::path cache = directory.file("cache");
  const fs::file_time_type long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
};

TEST_F(BundleCache, TellsTheDevicesOfEachFunction) {
  bundle("ab", "H13G", "main/main_bnns");
  bundle("ab", "H13G", "main/main_ane");
  bundle("cd", "H13G", "decode/decode_mps_graph");
  EXPECT_THAT(bundles_since(cache, long_ago),
              ElementsAre("H13G decode: mps_graph", "H13G main: ane, bnns"));
}

TEST_F(BundleCache, PassesOverWhatIsOlderOrSomethingElse) {
  bundle("ab", "H13G", "main/main_ane");
  EXPECT_THAT(bundles_since(cache, fs::file_time_type::clock::now() + std::chrono::hours(1)),
              IsEmpty());
  bundle("cd", "H13G", "main/weights");
  fs::create_directory_symlink("/", cache / "24F74" / "root");
  directory.write("cache/24F74/file", "");
  EXPECT_THAT(bundles_since(cache, long_ago), ElementsAre("H13G main: ane"));
  EXPECT_THAT(bundles_since(directory.file("nothing"), long_ago), IsEmpty());
}

TEST_F(BundleCache, IsReportedOfTheRun) {
  one_segment();
  request.bundle_cache = cache.string();
  bundle("old", "H16G", "main/main_bnns");
  fs::last_write_time(cache / "24F74/old/old.bundle", long_ago);
  request.on_step = [this](MeasureStep step) {
    if (step == MeasureStep::load)
      bundle("new", "H16G", "main/main_ane");
  };
  EXPECT_THAT(run().bundles, ElementsAre("H16G main: ane"));
}

}  // namespace
}  // namespace anecompat::test
