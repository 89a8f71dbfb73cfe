# How every target of the project is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# Warnings and sanitizers, for our own code only.
add_library(anecompat_settings INTERFACE)
target_compile_features(anecompat_settings INTERFACE cxx_std_20)
target_include_directories(anecompat_settings INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(anecompat_settings INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Both warn about libstdc++'s own containers at -O2 (GCC bugs 105329 and 107852), and designated
  # initializers leave members at their defaults on purpose.
  target_compile_options(anecompat_settings INTERFACE
    -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-null-dereference
    -Wno-missing-field-initializers)
else()
  target_compile_options(anecompat_settings INTERFACE -Wno-missing-field-initializers)
endif()
if(ANECOMPAT_SANITIZE)
  target_compile_options(anecompat_settings INTERFACE
    "-fsanitize=${ANECOMPAT_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(anecompat_settings INTERFACE "-fsanitize=${ANECOMPAT_SANITIZE}")
endif()
