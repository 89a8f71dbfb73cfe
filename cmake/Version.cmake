# The commit the build is made from, for `--version` and report.json; empty outside a checkout.
find_package(Git QUIET)
set(ANECOMPAT_COMMIT "")
if(GIT_FOUND AND EXISTS "${PROJECT_SOURCE_DIR}/.git")
  execute_process(COMMAND "${GIT_EXECUTABLE}" rev-parse --short=12 HEAD
                  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                  OUTPUT_VARIABLE ANECOMPAT_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
configure_file("${PROJECT_SOURCE_DIR}/src/support/version.hpp.in"
               "${PROJECT_BINARY_DIR}/generated/support/version.hpp" @ONLY)
