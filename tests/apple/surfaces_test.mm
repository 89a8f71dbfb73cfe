// What goes into a segment and comes out of it, kept beside the log.
#include "evaluate/apple/surfaces.hpp"

#include "apple_test.hpp"
#include "evaluate/apple/recorder.hpp"
#include "fake_ane.hpp"

#include <filesystem>
#include <iterator>

namespace anecompat::test {
namespace {

using namespace evaluate;
using namespace evaluate::apple;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Surfaces : public AppleTest {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(request.log_directory + "/surfaces", error))
      names.push_back(entry.path().filename());
    return names;
  }

  std::string kept(const std::string& name) const {
    std::ifstream file(request.log_directory + "/surfaces/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(Surfaces, AreFoundByTheTypeOfAVariable) {
  id surface = [surfaces({"abc"}) lastObject];
  ASSERT_NE(surface_of(surface), nullptr);
  EXPECT_EQ(IOSurfaceGetAllocSize(surface_of(surface)), 3U);
  EXPECT_EQ(surface_of(@"no surface"), nullptr);
  EXPECT_EQ(surface_of(nil), nullptr);
}

TEST_F(Surfaces, AreKeptOncePerProcedureWithTheirBytes) {
  one_segment({.inputs = {std::string("in\0put", 6), "w"}, .outputs = {"output"}});
  request.log_directory = directory.file("log");
  request.predictions = 4;
  const auto measurement = run();
  ASSERT_THAT(files(), SizeIs(3));
  const auto program = std::to_string(*measurement.events.back().program);
  EXPECT_EQ(kept("program-" + program + "-procedure-0-input-0.bin"), std::string("in\0put", 6));
  EXPECT_EQ(kept("program-" + program + "-procedure-0-input-1.bin"), "w");
  EXPECT_EQ(kept("program-" + program + "-procedure-0-output-0.bin"), "output");
  EXPECT_THAT(measurement.surfaces, SizeIs(3));
  EXPECT_THAT(measurement.surfaces[0], HasSubstr("; 6 B of 6 B in program-"));
}

TEST_F(Surfaces, AreLockedForReadingAndGivenBack) {
  one_segment();
  request.log_directory = directory.file("log");
  run();
  EXPECT_EQ(seen().surface_locks, 2);
  EXPECT_EQ(seen().open_surface_locks, 0);
  EXPECT_EQ(seen().writing_locks, 0);
}

TEST_F(Surfaces, AreNotTouchedWithoutALogDirectory) {
  one_segment();
  const auto measurement = run();
  EXPECT_EQ(seen().surface_locks, 0);
  EXPECT_THAT(measurement.surfaces, SizeIs(2));
  EXPECT_THAT(measurement.surfaces, Each(Not(HasSubstr(".bin"))));
}

TEST_F(Surfaces, ThatCannotBeLockedAreSaidSo) {
  one_segment();
  scenario().surface_locks_fail = true;
  request.log_directory = directory.file("log");
  const auto measurement = run();
  EXPECT_EQ(evaluations_per_prediction(measurement), 1);
  EXPECT_THAT(measurement.surfaces, Each(HasSubstr("not kept: the surface cannot be locked")));
  EXPECT_THAT(files(), SizeIs(0));
}

TEST_F(Surfaces, WithoutMemoryAreSaidSo) {
  one_segment();
  scenario().surfaces_without_memory = true;
  request.log_directory = directory.file("log");
  EXPECT_THAT(run().surfaces, Each(HasSubstr("not kept: the surface has no memory")));
  EXPECT_EQ(seen().open_surface_locks, 0);
}

TEST_F(Surfaces, OfFailedEvaluationsAreNotKept) {
  one_segment({.evaluate = Act::fail});
  request.log_directory = directory.file("log");
  run();
  EXPECT_THAT(files(), SizeIs(0));
}

TEST_F(Surfaces, AreFilesWhoseNamesNoModelChooses) {
  one_segment({.inputs = {"../../escape"}, .outputs = {"/etc/passwd"}, .key = Key::espresso});
  request.log_directory = directory.file("log");
  run();
  EXPECT_THAT(files(), Each(testing::MatchesRegex("program-[0-9]+-procedure-0-(in|out)put-0.bin")));
  EXPECT_FALSE(std::filesystem::exists(directory.file("escape")));
}

TEST_F(Surfaces, AreCutAtTheLimit) {
  id surface = [surfaces({"0123456789"}) lastObject];
  const auto path = directory.file("cut.bin");
  const auto kept = write_surface(surface_of(surface), path, 4);
  ASSERT_TRUE(kept) << kept.error().to_string();
  EXPECT_EQ(kept->written, 4U);
  EXPECT_EQ(kept->whole, 10U);
  EXPECT_EQ(std::filesystem::file_size(path), 4U);
}

TEST_F(Surfaces, ShareOneLimitForARun) {
  apple::Recorder recorder(directory.file("log"));
  EXPECT_EQ(recorder.take_surface_bytes(1000), 1000U);
  EXPECT_EQ(recorder.take_surface_bytes(SIZE_MAX), (std::size_t{1} << 30U) - 1000);
  EXPECT_EQ(recorder.take_surface_bytes(1), 0U);
}

TEST_F(Surfaces, ThatCannotBeWrittenDoNotSpoilTheRun) {
  one_segment();
  request.log_directory = directory.write("log", "a file stands here");
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::done);
  EXPECT_EQ(evaluations_per_prediction(measurement), 1);
  EXPECT_THAT(measurement.surfaces, Each(HasSubstr("not kept")));
}

}  // namespace
}  // namespace anecompat::test
