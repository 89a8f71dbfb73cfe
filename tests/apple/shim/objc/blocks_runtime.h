// GNUstep asks for this header of another runtime; libBlocksRuntime calls it Block.h.
#pragma once
#include <Block.h>
