#include "cli/evidence_choice.hpp"

#include "cli/host_info.hpp"
#include "cli/parse_values.hpp"

#include <fmt/format.h>

#include <array>

namespace anecompat::cli {

Result<void> require_evidence(std::string_view word) {
  static constexpr std::array<std::string_view, 4> k_words = {"auto", "predicted", "measured",
                                                              "planned"};
  ANECOMPAT_TRY_ASSIGN(const auto index, parse_choice("--evidence", word, k_words));
  if (index < 2)
    return {};
  const auto reason = why_no_ane(host_info());
  return fail(
      {.kind = ErrorKind::usage,
       .message =
           fmt::format("--evidence {}: {}", word,
                       reason.empty() ? "this version gathers predicted evidence only" : reason),
       .advice = "use --evidence auto or predicted; nothing weaker is ever passed off as more"});
}

}  // namespace anecompat::cli
