// The few bytes of a weight file that a decision may need.
#pragma once

#include "coreml/confined_path.hpp"
#include "coreml/literal.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// From specification version 9 on, converters write integer vectors of ten elements and more (a
// rank-5 `pad`, long `split_sizes`, indices) to weight.bin, in MIL blob storage version 2: a
// 64-byte record at the offset that the model names, which says where the data is. Those are read
// from here; weights never are.
class WeightFiles {
 public:
  // `model_directory` is what "@model_path" means; empty when there is none, and every read fails.
  explicit WeightFiles(std::string model_directory) : m_directory(std::move(model_directory)) {}

  // Whether a value of that type is worth reading: a short vector of whole-byte integers.
  static bool readable(const ValueType& type);

  // The elements behind `blob`; nullopt when the file is missing, leads out of the model's
  // directory, or does not hold that many integers of that type there; problem() then says which.
  std::optional<std::vector<std::int64_t>> read(const BlobRef& blob, const ValueType& type);
  // Why the last read() failed, in words for a note; never empty after a failure.
  const std::string& problem() const { return m_problem; }

 private:
  struct File {
    Descriptor descriptor;
    std::uint64_t size = 0;
    std::string problem;  // why it cannot be opened
  };

  File& open(std::string_view name);
  std::nullopt_t give_up(std::string problem);

  std::string m_directory;
  std::map<std::string, File, std::less<>> m_files;
  std::string m_problem;
};

}  // namespace anecompat::coreml
