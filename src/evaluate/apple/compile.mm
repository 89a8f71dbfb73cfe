#include "evaluate/apple/compile.hpp"

#include "evaluate/apple/objc_support.hpp"

#import <CoreML/CoreML.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace anecompat::evaluate::apple {

namespace {

namespace fs = std::filesystem;

Result<std::string> make_directory(const std::string& parent) {
  std::error_code error;
  fs::path base = parent.empty() ? fs::temp_directory_path(error) : fs::path(parent);
  fs::create_directories(base, error);
  auto name = (base / "anecompat-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    return fail({.kind = ErrorKind::system,
                 .message = fmt::format("cannot make a temporary directory: {}",
                                        std::generic_category().message(errno)),
                 .file = base.string(),
                 .advice = "give another one with TMPDIR"});
  return name;
}

// Core ML compiles into a directory of its own choice, which may be on another volume.
Result<void> take(const fs::path& compiled, const fs::path& into) {
  std::error_code error;
  fs::rename(compiled, into, error);
  if (error) {
    error.clear();
    fs::copy(compiled, into, fs::copy_options::recursive, error);
    if (error)
      return fail({.kind = ErrorKind::system,
                   .message = fmt::format("cannot move the compiled model: {}", error.message()),
                   .file = compiled.string()});
    fs::remove_all(compiled, error);
  }
  return {};
}

// Where Core ML put the compiled model, or why it made none.
Result<std::string> compile_with_core_ml(const std::string& path) {
  std::string compiled;
  FrameworkError failure;
  const auto raised = guarded([&] {
    @autoreleasepool {
      NSError* error = nil;
      NSURL* url = [MLModel compileModelAtURL:file_url(path) error:&error];
      compiled = text_of([url path]);
      if (compiled.empty())
        failure = framework_error_or(error, "Core ML gave no reason");
    }
  });
  if (raised)
    failure = *raised;
  if (compiled.empty())
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("Core ML cannot compile it: {}", to_string(failure)),
                 .file = path});
  return compiled;
}

}  // namespace

CompiledModel::CompiledModel(std::string path, std::string temporary)
    : m_path(std::move(path)), m_temporary(std::move(temporary)) {}

CompiledModel::CompiledModel(CompiledModel&& other) noexcept
    : m_path(std::move(other.m_path)), m_temporary(std::exchange(other.m_temporary, {})) {}

CompiledModel::~CompiledModel() {
  if (m_temporary.empty())
    return;
  std::error_code ignored;
  fs::remove_all(m_temporary, ignored);
}

Result<CompiledModel> compile_model(const std::string& path,
                                    const std::string& temporary_directory) {
  std::error_code error;
  if (!fs::exists(path, error))
    return fail({.kind = ErrorKind::not_found, .message = "no such model", .file = path});
  if (fs::exists(fs::path(path) / "coremldata.bin", error))
    return CompiledModel(path);
  if (fs::path(path).extension() == ".mlmodelc")
    return fail({.kind = ErrorKind::unreadable,
                 .message = "not a compiled model: it has no coremldata.bin",
                 .file = path});
  ANECOMPAT_TRY_ASSIGN(auto directory, make_directory(temporary_directory));
  // Removes the directory on every way out but the last.
  CompiledModel model((fs::path(directory) / "model.mlmodelc").string(), directory);
  ANECOMPAT_TRY_ASSIGN(const auto compiled, compile_with_core_ml(path));
  ANECOMPAT_TRY(take(compiled, model.path()));
  return model;
}

}  // namespace anecompat::evaluate::apple
