// Reader of one FeatureDescription.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/wire.hpp"

namespace anecompat::coreml {

Feature read_feature(WireReader message, GraphBuilder& builder);

}  // namespace anecompat::coreml
