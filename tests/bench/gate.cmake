# How fast reports and graphs are compared: cmake --build build/release --target gate_bench
add_executable(gate_bench "${CMAKE_CURRENT_LIST_DIR}/gate_bench.cpp")
target_link_libraries(gate_bench PRIVATE anecompat_gate)
