// Reading a large JSON document whose bulk is one list, without ever having all of it in memory.
#pragma once

#include "support/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace anecompat::report {

struct JsonStream {
  std::string name;          // of the file, for messages
  std::string advice;        // added to errors
  std::string_view list;     // the key, in the outermost object, of the list
  std::size_t largest = 0;   // bytes that the text may have
  std::size_t deepest = 32;  // levels it may nest: the bombs of others
  // Called with each element of the list, in order, and its index.
  std::function<void(const nlohmann::json& element, std::size_t index)> take = {};
};

// The document with the list emptied. Errors: unreadable, with file, line and column of what is no
// JSON.
Result<nlohmann::json> read_json_stream(std::string_view text, const JsonStream& stream);

}  // namespace anecompat::report
