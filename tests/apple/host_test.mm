#include "apple_test.hpp"
#include "evaluate/apple/system_info.hpp"

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

using Host = AppleTest;

TEST_F(Host, IsDescribed) {
  const auto host = probe_host().host;
  EXPECT_EQ(host.os_version, "15.5");
  EXPECT_EQ(host.os_build, "24F74");
  EXPECT_EQ(host.arch, "arm64");
  EXPECT_EQ(host.hardware_model, "Mac16,10");
  EXPECT_EQ(host.chip_name, "Apple M4");
  EXPECT_EQ(host.ane_architecture, "h16g");
  EXPECT_EQ(host.neural_engine_cores, 16);
  EXPECT_TRUE(host.framework_loaded);
  EXPECT_TRUE(host.compute_plan);
  EXPECT_EQ(host.private_has_ane, true);
  EXPECT_TRUE(host.ane_host());
}

TEST_F(Host, TellsWhatThisOsLacks) {
  EXPECT_THAT(probe_host().host.missing, Contains(HasSubstr("cacheURLIdentifier")));
  EXPECT_THAT(probe_host().host.missing, testing::Not(Contains(HasSubstr("modelAttributes"))));
}

TEST_F(Host, WithoutANeuralEngineRunsNothing) {
  one_segment();
  scenario().neural_engine = scenario().device_info_ane = false;
  const auto measurement = run();
  EXPECT_FALSE(measurement.host.ane_host());
  EXPECT_EQ(measurement.reached, MeasureStep::probe);
  EXPECT_THAT(measurement.failure->message, HasSubstr("no ANE"));
  EXPECT_EQ(seen().models_loaded, 0);
}

TEST_F(Host, ThatIsVirtualRunsNothing) {
  one_segment();
  scenario().virtual_machine = true;
  const auto measurement = run();
  EXPECT_TRUE(measurement.host.virtual_machine);
  EXPECT_FALSE(measurement.host.ane_host());
  EXPECT_EQ(seen().models_loaded, 0);
}

TEST_F(Host, IsVirtualByItsModelName) {
  scenario().hardware_model = "VirtualMac2,1";
  EXPECT_TRUE(probe_host().host.virtual_machine);
}

TEST_F(Host, WithIntelProcessorHasNoAne) {
  scenario().arm64 = false;
  EXPECT_NE(probe_host().host.arch, "arm64");
  EXPECT_FALSE(probe_host().host.ane_host());
}

TEST_F(Host, CanBeMadeToRunWithoutAnAne) {
  one_segment();
  scenario().virtual_machine = true;
  request.without_ane = true;
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::done);
  EXPECT_FALSE(measurement.host.ane_host());
}

TEST_F(Host, ReportsDisagreement) {
  scenario().neural_engine = false;
  const auto host = probe_host().host;
  EXPECT_THAT(host.warnings, Contains(HasSubstr("does not list")));
  EXPECT_FALSE(host.ane_host());
}

TEST_F(Host, SurvivesAProbeThatRaises) {
  scenario().devices_raise = true;
  const auto host = probe_host().host;
  EXPECT_THAT(host.warnings, Contains(HasSubstr("no devices today")));
  // What AppleNeuralEngine says decides then.
  EXPECT_TRUE(host.ane_host());
}

TEST_F(Host, ListsItsHooks) {
  for (const auto& hook : probe_host().hooks)
    EXPECT_NE(hook.state, HookState::mismatch) << hook.id;
}

TEST_F(Host, MeasuringIsAvailableInThisBuild) {
  EXPECT_TRUE(measuring_available());
}

TEST_F(Host, UnknownSystemValuesAreEmpty) {
  EXPECT_EQ(apple::system_text("no.such.value"), "");
  EXPECT_EQ(apple::system_number("no.such.value"), std::nullopt);
  EXPECT_EQ(apple::system_number("kern.hv_vmm_present"), 0);
}

}  // namespace
}  // namespace anecompat::test
