# embed_files(OUTPUT.cpp BASE_DIR FILE...)
#
# Generates a C++ source that defines anecompat::embedded_files() with the contents of the files, named
# by their paths relative to BASE_DIR, so that the program carries its policies and rule data with it.
function(embed_files output base)
  set(entries "")
  foreach(file IN LISTS ARGN)
    file(RELATIVE_PATH name "${base}" "${file}")
    list(APPEND entries "${name}=${file}")
  endforeach()
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${output}" "-DENTRIES=${entries}"
            -P "${PROJECT_SOURCE_DIR}/cmake/EmbedFilesScript.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/EmbedFilesScript.cmake"
    COMMENT "Embedding policies"
    VERBATIM)
endfunction()
