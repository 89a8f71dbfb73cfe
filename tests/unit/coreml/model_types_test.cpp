#include "coreml/model_types.hpp"

#include <gmock/gmock.h>

namespace anecompat::coreml {
namespace {

using ::testing::HasSubstr;

TEST(ModelTypes, NumbersAndNamesAreOneToOne) {
  std::size_t count = 0;
  for (std::uint32_t number = 0; number <= 4000; ++number) {
    if (!is_model_type(number))
      continue;
    ++count;
    EXPECT_EQ(model_type_number(model_type_name(number)), number);
  }
  EXPECT_EQ(count, 37U);  // as many as Model.proto's oneof has
}

TEST(ModelTypes, ThoseWithAGraphAreTold) {
  EXPECT_EQ(model_kind(500), ModelKind::neural_network);
  EXPECT_EQ(model_kind(303), ModelKind::neural_network);
  EXPECT_EQ(model_kind(403), ModelKind::neural_network);
  EXPECT_EQ(model_kind(502), ModelKind::ml_program);
  EXPECT_EQ(model_kind(200), ModelKind::pipeline);
  EXPECT_EQ(model_kind(402), ModelKind::classic);
  EXPECT_EQ(model_kind(3000), ModelKind::opaque);
}

TEST(ModelTypes, AnyOtherNumberIsNone) {
  EXPECT_FALSE(is_model_type(605));
  EXPECT_EQ(model_type_name(777), "unknown");
  EXPECT_EQ(model_kind(777), ModelKind::opaque);
  EXPECT_EQ(model_type_number("unknown"), 0U);
  EXPECT_EQ(model_type_number("mlprogram"), 0U);
}

TEST(ModelTypes, SaysWhatANewerSpecificationIs) {
  EXPECT_THAT(newer_specification(11), HasSubstr("version 11 is newer"));
}

}  // namespace
}  // namespace anecompat::coreml
