// Reading a large JSON document whose bulk is one list, without ever having all of it in memory.
#pragma once

#include "support/json_cursor.hpp"
#include "support/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::report {

struct JsonStream {
  std::string name;          // of the file, for messages
  std::string advice;        // added to errors
  const char* list = "";     // the key, in the outermost object, of the list
  std::size_t largest = 0;   // bytes that the text may have
  std::size_t deepest = 32;  // levels it may nest: the bombs of others
  // Called with each element of the list, in order, and its index.
  std::function<void(const nlohmann::json& element, std::size_t index)> take = {};
};

// The document with the list emptied. Errors: unreadable, with file, line and column of what is no
// JSON.
Result<nlohmann::json> read_json_stream(std::string_view text, const JsonStream& stream);

// The same with each element of the list read by `read(cursor)` into `items`. What is wrong with
// one is told by `problem`; from then on nothing more is read.
template <typename Item, typename Read>
Result<nlohmann::json> read_json_list(std::string_view text, JsonStream stream,
                                      std::vector<Item>& items, JsonProblem& problem,
                                      const Read& read) {
  const nlohmann::json document;
  const JsonCursor root(document, problem);
  const auto list = root.member(document, stream.list);
  stream.take = [&](const nlohmann::json& element, std::size_t index) {
    if (!problem.found())
      items.push_back(read(JsonCursor(element, list, index)));
  };
  return read_json_stream(text, stream);
}

}  // namespace anecompat::report
