// The real models that tests may use when they are there.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace anecompat::test {

// One row of the corpus's INDEX.tsv.
struct CorpusModel {
  std::string name;  // path below models/
  std::string kind;  // "nn", "mlprogram", "mil-c", "espresso-c", "mil-text", "pipeline", "classic",
                     // "UNREADABLE"
  std::string path;  // absolute
  std::string notes;

  // What GoogleTest prints of a test's parameter.
  friend std::ostream& operator<<(std::ostream& out, const CorpusModel& model) {
    return out << model.name;
  }
};

// The corpus directory: $ANECOMPAT_CORPUS, else ../shared/corpus beside the checkout; nullopt when
// absent.
std::optional<std::string> corpus_directory();

// All models of the corpus; empty when it is absent.
std::vector<CorpusModel> corpus_models();

}  // namespace anecompat::test

// Skips the test, and says so, when the corpus is absent.
#define ANECOMPAT_REQUIRE_CORPUS()                                                        \
  do {                                                                                    \
    if (!::anecompat::test::corpus_directory()) {                                         \
      GTEST_SKIP() << "no corpus: set ANECOMPAT_CORPUS to a directory with an INDEX.tsv"; \
    }                                                                                     \
  } while (false)
