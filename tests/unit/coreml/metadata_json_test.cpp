#include "coreml/metadata_json.hpp"

#include <gmock/gmock.h>

namespace anecompat::coreml {

using ::testing::ElementsAre;

TEST(MetadataJson, takes_what_is_there) {
  const auto metadata = parse_metadata(
      R"([{"specificationVersion": 8, "modelType": {"name": "MLModelType_mlProgram"},
           "storagePrecision": "Float16", "availability": {"iOS": "17.0"}, "isUpdatable": "1",
           "inputSchema": [{"name": "a", "type": "MultiArray", "dataType": "Int32",
                            "shape": "[1, 128, 129]", "isOptional": "1"}],
           "outputSchema": 3, "unknown": [[]],
           "functions": [{"mlProgramOperationTypeHistogram": {"Cast": 2}},
                         {"mlProgramOperationTypeHistogram": {"Cast": 1, "Ios17.add": 4}}]}])");
  ASSERT_TRUE(metadata) << metadata.error().to_string();
  EXPECT_EQ(metadata->spec_version, 8);
  EXPECT_EQ(metadata->model_type, "mlProgram");
  EXPECT_EQ(metadata->storage_precision, "Float16");
  EXPECT_EQ(metadata->availability.at("iOS"), "17.0");
  EXPECT_TRUE(metadata->updatable);
  ASSERT_EQ(metadata->inputs.size(), 1U);
  EXPECT_THAT(metadata->inputs[0].shape, ElementsAre(1, 128, 129));
  EXPECT_TRUE(metadata->outputs.empty());
  EXPECT_EQ(metadata->operation_types.at("Cast"), 3U);
  EXPECT_EQ(metadata->operation_types.at("Ios17.add"), 4U);
}

TEST(MetadataJson, anything_else_is_an_error) {
  EXPECT_FALSE(parse_metadata("{}"));
  EXPECT_FALSE(parse_metadata("[]"));
  EXPECT_EQ(parse_metadata("[{]").error().position, (TextPosition{1, 3}));
}

TEST(MetadataJson, histogram_keys_compare_with_operation_types) {
  EXPECT_EQ(comparable_operation_type("Ios16.reduceL1Norm"),
            comparable_operation_type("reduce_l1_norm"));
  EXPECT_EQ(comparable_operation_type("Range1d"), comparable_operation_type("range_1d"));
  EXPECT_NE(comparable_operation_type("Ios17.add"), comparable_operation_type("sub"));
}

}  // namespace anecompat::coreml
