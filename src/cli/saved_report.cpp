#include "cli/saved_report.hpp"

#include "report/reporter.hpp"
#include "support/files.hpp"

namespace anecompat::cli {

Result<report::Report> load_report(const std::string& path) {
  constexpr std::uint64_t k_largest = 1U << 30U;  // what report_from_json() takes
  ANECOMPAT_TRY_ASSIGN(const auto text, read_text_file(path, k_largest));
  return report::report_from_json(text, path);
}

}  // namespace anecompat::cli
