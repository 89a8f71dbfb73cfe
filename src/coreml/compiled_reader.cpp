#include "coreml/compiled_reader.hpp"

#include "coreml/classic_reader.hpp"
#include "coreml/confined_path.hpp"
#include "coreml/coremldata.hpp"
#include "coreml/espresso_reader.hpp"
#include "coreml/metadata_json.hpp"
#include "coreml/mil_parser.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/model_types.hpp"
#include "coreml/placeholder.hpp"
#include "coreml/program_features.hpp"
#include "support/byte_source.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace anecompat::coreml {

namespace {

constexpr std::uint64_t k_max_side_file_bytes = 16U << 20U;

// What a bundle says about itself beside the network or program.
struct BundleFacts {
  std::uint32_t type = 0;  // field number in Model.proto
  std::int64_t spec_version = 0;
  std::optional<Description> description;
  std::optional<ModelMetadata> metadata;
};

class BundleReader {
 public:
  BundleReader(GraphBuilder& builder, std::string directory, ReadContext context)
      : m_builder(builder), m_directory(std::move(directory)), m_context(std::move(context)) {
    m_context.model_directory = m_directory;
  }

  Result<Model> read(std::string_view name) {
    if (m_context.depth > m_context.limits.max_depth)
      return fail({.message = "pipelines nested too deeply", .file = m_directory});
    ANECOMPAT_TRY(read_facts());
    Model model{.type_name = model_type_name(m_facts.type),
                .name = m_builder.intern(name),
                .spec_version = m_facts.spec_version,
                .updatable = (m_facts.metadata && m_facts.metadata->updatable) ||
                             has("updateParameters/coremldata.bin")};
    model.kind = model_kind(m_facts.type);
    if (m_facts.description) {
      model.inputs = m_facts.description->inputs;
      model.outputs = m_facts.description->outputs;
      model.states = m_facts.description->states;
      model.metadata = m_facts.description->metadata;
    }
    if (model.spec_version > k_newest_specification)
      m_builder.note(newer_specification(model.spec_version));
    ANECOMPAT_TRY(read_body(model));
    return model;
  }

 private:
  Result<void> read_body(Model& model) {
    switch (model.kind) {
      case ModelKind::ml_program:
        return read_program(model);
      case ModelKind::neural_network:
        return read_network(model);
      case ModelKind::pipeline:
        return read_pipeline(model);
      case ModelKind::opaque:
        m_builder.note(fmt::format("a compiled {} cannot be looked into", model.type_name));
        [[fallthrough]];
      case ModelKind::classic:
        model.functions =
            single_node(model.type_name, m_facts.description.value_or(Description()), m_builder);
        model.default_function = default_function_of(model.functions);
        break;
    }
    return {};
  }

  bool has(const char* name) const { return open_below(m_directory, name).has_value(); }

  Result<void> read_facts() {
    if (has("coremldata.bin"))
      ANECOMPAT_TRY(read_coremldata());
    if (has("metadata.json"))
      ANECOMPAT_TRY(read_metadata());
    const bool program = has("model.mil");
    const bool network = has("model.espresso.net");
    // A bundle that was compiled twice into the same place may hold both; its header knows.
    if (m_facts.type == 0 && m_facts.metadata)
      m_facts.type = model_type_number(m_facts.metadata->model_type);
    if (m_facts.type == 0 && program)
      m_facts.type = k_ml_program_type;
    if (m_facts.type == 0 && network)
      m_facts.type = k_neural_network_type;
    if (m_facts.type == 0) {
      return fail({.message = "is no compiled model: it has no coremldata.bin, model.mil or "
                              "model.espresso.net",
                   .file = m_directory,
                   .advice = "compile the model with \"xcrun coremlcompiler compile\", or name the "
                             ".mlpackage instead"});
    }
    if (m_facts.spec_version == 0 && m_facts.metadata)
      m_facts.spec_version = m_facts.metadata->spec_version;
    return {};
  }

  Result<void> read_coremldata() {
    ANECOMPAT_TRY_ASSIGN(const auto source, open_source("coremldata.bin"));
    auto data = parse_coremldata(source->bytes());
    if (!data)
      return fail(std::move(data.error()).in_file(source->name()));
    m_facts.type = data->model_type;
    m_facts.spec_version =
        data->spec_version <= INT32_MAX ? static_cast<std::int64_t>(data->spec_version) : 0;
    WireStatus status;
    auto description =
        read_description(WireReader(*source, status).message_at(data->description), m_builder);
    if (!description)
      return fail(std::move(description.error()).in_file(source->name()));
    m_facts.description = *description;
    return {};
  }

  Result<void> read_metadata() {
    ANECOMPAT_TRY_ASSIGN(const auto path, confined_path(m_directory, "metadata.json"));
    ANECOMPAT_TRY_ASSIGN(const auto text, read_text_file(path, k_max_side_file_bytes));
    auto metadata = parse_metadata(text);
    if (metadata) {
      m_facts.metadata = std::move(*metadata);
    } else {
      m_builder.note("not used: " + std::move(metadata.error()).in_file(path).to_string());
    }
    return {};
  }

  Result<std::shared_ptr<ByteSource>> open_source(const char* name) {
    ANECOMPAT_TRY_ASSIGN(const auto path, confined_path(m_directory, name));
    ANECOMPAT_TRY_ASSIGN(auto source, ByteSource::open(path));
    if (auto error = placeholder(*source))
      return fail(std::move(*error));
    const auto bytes = source->bytes();
    if (bytes.size() > k_max_side_file_bytes) {
      return fail({.message = fmt::format("is {} and cannot be what it is named",
                                          human_bytes(bytes.size())),
                   .file = path});
    }
    if (!source->load(bytes.data(), bytes.size()))
      return fail({.message = "the file was cut or changed while it was read", .file = path});
    m_builder.keep(source);
    return source;
  }

  Result<void> read_program(Model& model) {
    ANECOMPAT_TRY_ASSIGN(const auto path, confined_path(m_directory, "model.mil"));
    ANECOMPAT_TRY_ASSIGN(auto contents, read_text_file(path, m_context.limits.max_text_bytes));
    const auto text = std::make_shared<const std::string>(std::move(contents));
    m_builder.keep(text);
    if (auto error = placeholder(*text))
      return fail(std::move(*error).in_file(path));
    if (!trim(std::string_view(*text).substr(0, 64)).starts_with("program")) {
      return fail({.kind = ErrorKind::unsupported,
                   .message = text->empty() ? "is empty"
                                            : "is not MIL text; the model is encrypted, or "
                                              "compiled by an unknown compiler",
                   .file = path,
                   .advice = "check the model before it is encrypted"});
    }
    auto program = MilParser(*text, m_builder, m_context, nullptr).parse();
    if (!program)
      return fail(std::move(program.error()).in_file(path));
    model.functions = program->parts.functions;
    model.weights = program->parts.weights;
    model.default_function = default_function_of(model.functions);
    if (m_facts.description && !m_facts.description->functions.empty())
      model.default_function = m_facts.description->default_function;
    if (!m_facts.description)
      take_features(model, *program);
    if (model.spec_version == 0) {
      for (const auto& function : model.functions)
        model.spec_version = std::max(model.spec_version, spec_version_of_opset(function.opset));
    }
    check_operation_count(model);
    return {};
  }

  // Without a description the program's own types tell its inputs and outputs; metadata.json knows
  // which of them are images or optional.
  void take_features(Model& model, const MilProgram& program) {
    for (std::size_t i = 0; i < program.functions.size(); ++i) {
      if (program.functions[i].name != model.default_function)
        continue;
      const auto features = features_of(model.functions[i], &program.functions[i], m_builder);
      model.inputs = refine(features.inputs);
      model.outputs = features.outputs;
      model.states = features.states;
      return;
    }
  }

  std::span<const Feature> refine(std::span<const Feature> features) {
    if (!m_facts.metadata)
      return features;
    std::vector<Feature> refined(features.begin(), features.end());
    for (auto& feature : refined) {
      const auto known =
          std::ranges::find(m_facts.metadata->inputs, feature.name, &ModelMetadata::Feature::name);
      if (known == m_facts.metadata->inputs.end())
        continue;
      feature.optional = known->optional;
      if (known->type == "Image")
        feature.kind = Feature::Kind::image;
    }
    return m_builder.store(refined);
  }

  // The compiler counted the operations too, constants left out.
  void check_operation_count(const Model& model) {
    if (!m_facts.metadata || m_facts.metadata->operation_types.empty())
      return;
    std::uint64_t said = 0;
    for (const auto& [type, count] : m_facts.metadata->operation_types)
      said += count;
    std::uint64_t read = 0;
    for (const auto& function : model.functions)
      read += count_operations(function.body);
    if (read != said)
      m_builder.note(fmt::format("metadata.json counts {}, model.mil has {}",
                                 counted(said, "operation"), read));
  }

  static std::uint64_t count_operations(const Block& block) {
    std::uint64_t count = 0;
    for (const auto& op : block.operations) {
      count += op.kind == OperationKind::constant ? 0 : 1;
      for (const auto& nested : op.blocks)
        count += count_operations(nested);
    }
    return count;
  }

  Result<void> read_network(Model& model) {
    if (!has("model.espresso.net")) {
      return fail({.kind = ErrorKind::not_found,
                   .message = "has no model.espresso.net, in which compiled neural networks are",
                   .file = m_directory,
                   .advice = "compile the model again"});
    }
    ANECOMPAT_TRY_ASSIGN(const auto parts, read_espresso(m_directory, m_builder, m_context));
    model.functions = parts.functions;
    model.weights = parts.weights;
    model.default_function = default_function_of(model.functions);
    return {};
  }

  Result<void> read_pipeline(Model& model) {
    std::vector<std::string> names;
    if (has("modelNames/coremldata.bin")) {
      ANECOMPAT_TRY_ASSIGN(const auto source, open_source("modelNames/coremldata.bin"));
      auto parsed = parse_model_names(source->bytes());
      if (!parsed)
        return fail(std::move(parsed.error()).in_file(source->name()));
      names = std::move(*parsed);
    }
    std::vector<Model> stages;
    for (std::size_t i = 0;; ++i) {
      const auto child = fmt::format("model{}", i);
      if (!has(child.c_str())) {
        if (i >= names.size())
          break;
        return fail({.kind = ErrorKind::not_found,
                     .message = fmt::format("stage {} of the pipeline, \"{}\", has no directory {}",
                                            i + 1, printable(names[i]), child),
                     .file = m_directory,
                     .advice = "compile the model again"});
      }
      auto context = m_context;
      ++context.depth;
      BundleReader reader(m_builder, m_directory + "/" + child, context);
      ANECOMPAT_TRY_ASSIGN(const auto stage, reader.read(i < names.size() ? names[i] : child));
      stages.push_back(stage);
    }
    if (stages.empty())
      return fail({.message = "is a pipeline without stages", .file = m_directory});
    model.stages = m_builder.store(stages);
    return {};
  }

  GraphBuilder& m_builder;
  std::string m_directory;
  ReadContext m_context;
  BundleFacts m_facts;
};

}  // namespace

Result<Graph> read_compiled(const std::string& directory, const ReadLimits& limits) {
  GraphBuilder builder("mlmodelc");
  const ReadContext context{.limits = limits, .model_directory = directory};
  ANECOMPAT_TRY_ASSIGN(const auto model, BundleReader(builder, directory, context).read({}));
  return std::move(builder).finish(model);
}

}  // namespace anecompat::coreml
