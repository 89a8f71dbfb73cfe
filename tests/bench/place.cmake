# Costing and placing: `include(place.cmake)` from tests/bench/CMakeLists.txt.
add_executable(place_bench "${CMAKE_CURRENT_LIST_DIR}/place_bench.cpp")
target_link_libraries(place_bench PRIVATE anecompat_ane anecompat_settings fmt::fmt)
