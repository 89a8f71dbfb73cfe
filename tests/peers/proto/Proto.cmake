# Defines anecompat_peer_proto: the messages of this folder as C++ classes. Needs find_package(Protobuf).
if(TARGET anecompat_peer_proto)
  return()
endif()
set(proto_dir "${CMAKE_CURRENT_LIST_DIR}")
set(proto_out "${PROJECT_BINARY_DIR}/generated/peer_proto")
file(MAKE_DIRECTORY "${proto_out}")
foreach(name mil network model)
  add_custom_command(
    OUTPUT "${proto_out}/${name}.pb.cc" "${proto_out}/${name}.pb.h"
    COMMAND protobuf::protoc "--proto_path=${proto_dir}" "--cpp_out=${proto_out}" "${name}.proto"
    DEPENDS "${proto_dir}/mil.proto" "${proto_dir}/network.proto" "${proto_dir}/model.proto"
    COMMENT "Generating ${name}.pb.cc"
    VERBATIM)
endforeach()
# Not our code: compiled without our warnings, included as a system folder.
add_library(anecompat_peer_proto STATIC "${proto_out}/mil.pb.cc" "${proto_out}/mil.pb.h"
            "${proto_out}/network.pb.cc" "${proto_out}/network.pb.h"
            "${proto_out}/model.pb.cc" "${proto_out}/model.pb.h")
target_include_directories(anecompat_peer_proto SYSTEM PUBLIC "${proto_out}")
target_link_libraries(anecompat_peer_proto PUBLIC protobuf::libprotobuf)
