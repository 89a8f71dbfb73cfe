#include "coreml/mil_text_reader.hpp"

#include "coreml/mil_parser.hpp"
#include "coreml/program_features.hpp"
#include "support/files.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace anecompat::coreml {

Result<ProgramParts> read_mil_text(std::string_view text, GraphBuilder& builder,
                                   const ReadContext& context) {
  ANECOMPAT_TRY_ASSIGN(const auto program, MilParser(text, builder, context, nullptr).parse());
  return program.parts;
}

Result<Graph> read_mil_file(const std::string& path, const ReadLimits& limits) {
  ANECOMPAT_TRY_ASSIGN(auto contents, read_text_file(path, limits.max_text_bytes));
  const auto text = std::make_shared<const std::string>(std::move(contents));
  GraphBuilder builder("mil");
  builder.keep(text);
  const ReadContext context{.limits = limits,
                            .model_directory = std::filesystem::path(path).parent_path().string()};
  auto program = MilParser(*text, builder, context, nullptr).parse();
  if (!program)
    return fail(std::move(program.error()).in_file(path));

  const auto functions = program->parts.functions;
  Model model{.kind = ModelKind::ml_program,
              .type_name = "mlProgram",
              .functions = functions,
              .default_function = default_function_of(functions),
              .weights = program->parts.weights};
  for (std::size_t i = 0; i < functions.size(); ++i) {
    model.spec_version = std::max(model.spec_version, spec_version_of_opset(functions[i].opset));
    if (functions[i].name != model.default_function)
      continue;
    const auto features = features_of(functions[i], &program->functions[i], builder);
    model.inputs = features.inputs;
    model.outputs = features.outputs;
    model.states = features.states;
  }
  return std::move(builder).finish(model);
}

}  // namespace anecompat::coreml
