// Makes a model loadable: Core ML runs compiled bundles only.
#pragma once

#include "support/result.hpp"

#include <string>

namespace anecompat::evaluate::apple {

// A compiled model, and the temporary directory it is in when this program made it.
class CompiledModel {
 public:
  explicit CompiledModel(std::string path, std::string temporary = {});
  // Removes what was made.
  ~CompiledModel();
  CompiledModel(CompiledModel&& other) noexcept;
  CompiledModel& operator=(CompiledModel&&) = delete;
  CompiledModel(const CompiledModel&) = delete;
  CompiledModel& operator=(const CompiledModel&) = delete;

  const std::string& path() const { return m_path; }

 private:
  std::string m_path;
  std::string m_temporary;
};

// The bundle itself when the model is compiled already, else compiles it below
// `temporary_directory` (empty: the system's). Errors: not_found; unreadable with Core ML's own
// words; system.
Result<CompiledModel> compile_model(const std::string& path,
                                    const std::string& temporary_directory);

}  // namespace anecompat::evaluate::apple
