// The answer of `diff`, in its formats.
#pragma once

#include "evaluate/evaluation.hpp"

#include <string>
#include <vector>

namespace anecompat::cli {

// One entry on one target that both sides have.
struct DiffedPair {
  std::string title;  // "detector on h16"
  std::string entry;
  std::string target;
  evaluate::Comparison comparison;
};

struct DiffResult {
  std::string old_name;
  std::string new_name;
  std::vector<DiffedPair> pairs;
  std::vector<std::string> only_old;  // titles
  std::vector<std::string> only_new;
  std::vector<std::string> unknown;  // titles, with why there is nothing to compare

  bool same() const;
};

// At most `shown` operations of each pair.
std::string diff_text(const DiffResult& result, std::size_t shown);
std::string diff_markdown(const DiffResult& result, std::size_t shown);
std::string diff_json(const DiffResult& result);

}  // namespace anecompat::cli
