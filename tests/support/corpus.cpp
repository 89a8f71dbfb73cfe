#include "support/corpus.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace anecompat::test {

namespace fs = std::filesystem;

std::optional<std::string> corpus_directory() {
  const char* set = std::getenv("ANECOMPAT_CORPUS");
  const auto directory =
      set != nullptr ? fs::path(set) : fs::path(ANECOMPAT_SOURCE_DIR) / "../shared/corpus";
  if (!fs::exists(directory / "INDEX.tsv"))
    return std::nullopt;
  return fs::canonical(directory).string();
}

std::vector<CorpusModel> corpus_models() {
  const auto directory = corpus_directory();
  if (!directory)
    return {};
  std::ifstream index(fs::path(*directory) / "INDEX.tsv");
  std::vector<CorpusModel> models;
  std::string line;
  std::getline(index, line);  // the header
  while (std::getline(index, line)) {
    std::vector<std::string> fields;
    std::stringstream stream(line);
    for (std::string field; std::getline(stream, field, '\t');)
      fields.push_back(field);
    if (fields.size() < 2)
      continue;
    fields.resize(7);
    models.push_back({.name = fields[0],
                      .kind = fields[1],
                      .path = (fs::path(*directory) / "models" / fields[0]).string(),
                      .notes = fields[6]});
  }
  return models;
}

}  // namespace anecompat::test
