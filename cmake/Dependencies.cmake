# Everything comes from the package manager: Debian 12 and Homebrew have all of it.
# `./dev` installs what is missing; the lists of package names are there.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(tl-expected 1.0 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CURL 7.80 REQUIRED)
# Homebrew's libarchive is keg-only, because macOS has one of its own without headers.
if(APPLE)
  list(APPEND CMAKE_PREFIX_PATH /opt/homebrew/opt/libarchive /usr/local/opt/libarchive)
endif()
find_package(LibArchive REQUIRED)
find_package(SQLite3 3.37 REQUIRED)
if(NOT APPLE)
  find_package(OpenSSL 1.1 REQUIRED COMPONENTS Crypto)  # SHA-256; macOS has CommonCrypto
endif()

# yaml-cpp 0.7 (Debian 12) exports `yaml-cpp`, 0.8 and later `yaml-cpp::yaml-cpp`.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp INTERFACE IMPORTED)
  set_target_properties(yaml-cpp::yaml-cpp PROPERTIES INTERFACE_LINK_LIBRARIES yaml-cpp)
endif()

if(ANECOMPAT_TESTS)
  find_package(GTest 1.12 REQUIRED)
  find_package(pugixml 1.12 REQUIRED)
endif()
if(ANECOMPAT_BENCH)
  find_package(benchmark REQUIRED)
endif()
