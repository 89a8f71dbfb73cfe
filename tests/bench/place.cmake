# How long predicting takes, and that it grows linearly with the number of operations:
#   cmake --preset bench && cmake --build build/bench --target place_bench && build/bench/tests/bench/place_bench
add_executable(place_bench "${CMAKE_CURRENT_LIST_DIR}/place_bench.cpp")
target_link_libraries(place_bench PRIVATE anecompat_evaluate anecompat_test_support anecompat_settings fmt::fmt)
