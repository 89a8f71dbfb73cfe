#include "support/temp_dir.hpp"

#import <Foundation/Foundation.h>
#include <gmock/gmock.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  // Children of death tests start afresh: a fork of a process with threads keeps its locks.
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  // They die with their files; this process removes them.
  const anecompat::test::TempDir files;
  setenv("TMPDIR", files.path().c_str(), 1);
  @autoreleasepool {
    // Turns GNUstep's locking on before there are threads.
    [NSThread detachNewThreadSelector:@selector(description) toTarget:@"" withObject:nil];
    return RUN_ALL_TESTS();
  }
}
