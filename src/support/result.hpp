// How functions of this project report failure: errors are values inside (`Result<T>`), and
// exceptions live only at the edges, where a library throws them and the caller turns them into
// one.
#pragma once

#include "support/error.hpp"

#include <tl/expected.hpp>

#include <utility>

namespace anecompat {

// A T, or the one Error that says why there is none.
template <typename T>
using Result = tl::expected<T, Error>;

// The failure side of a Result: `return fail(Error{...});`
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace anecompat

#define ANECOMPAT_CONCAT_IMPL(a, b) a##b
#define ANECOMPAT_CONCAT(a, b) ANECOMPAT_CONCAT_IMPL(a, b)

// Returns from the enclosing function with the error of `expression` (a Result<void> or any other
// Result whose value is not needed), if it has one.
#define ANECOMPAT_TRY(expression)                                        \
  do {                                                                   \
    auto anecompat_try_result = (expression);                            \
    if (!anecompat_try_result) {                                         \
      return ::anecompat::fail(std::move(anecompat_try_result.error())); \
    }                                                                    \
  } while (false)

// Declares (or assigns) `target` from the Result `expression`, or returns its error:
// `ANECOMPAT_TRY_ASSIGN(auto graph, read_model(path));`
#define ANECOMPAT_TRY_ASSIGN(target, expression) \
  ANECOMPAT_TRY_ASSIGN_IMPL(ANECOMPAT_CONCAT(anecompat_try_, __LINE__), target, expression)
#define ANECOMPAT_TRY_ASSIGN_IMPL(name, target, expression) \
  auto name = (expression);                                 \
  if (!name) {                                              \
    return ::anecompat::fail(std::move(name.error()));      \
  }                                                         \
  target = std::move(*name)
