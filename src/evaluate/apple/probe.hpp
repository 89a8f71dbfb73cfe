// What this machine is and has.
#pragma once

#include "evaluate/measurement.hpp"

namespace anecompat::evaluate::apple {

// Asks the system, Core ML and AppleNeuralEngine. The framework should be loaded before.
HostProbe probe();

}  // namespace anecompat::evaluate::apple
