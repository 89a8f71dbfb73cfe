// Reads what an _ANEModel says about the program it stands for.
#pragma once

#include "evaluate/apple/recorder.hpp"

#import <Foundation/Foundation.h>

namespace anecompat::evaluate::apple {

ProgramToken program_token(id model);

// Identity and, where they can be had, the names of what goes in and out: from the Espresso key,
// else from the model attributes. May raise what the framework raises.
AneProgram describe_program(id model);

}  // namespace anecompat::evaluate::apple
