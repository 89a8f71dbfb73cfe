#include "coreml/model_reader.hpp"

#include "coreml/classic_reader.hpp"
#include "coreml/description_reader.hpp"
#include "coreml/ml_program_reader.hpp"
#include "coreml/model_types.hpp"
#include "coreml/neural_network_reader.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace anecompat::coreml {

namespace {

// The one that ML Programs came with; what calls itself a program in an earlier one was written
// before the format was fixed, and its fields mean something else.
constexpr std::int64_t k_first_program_specification = 6;

constexpr std::uint32_t k_pipeline = 202;
constexpr std::uint32_t k_first_type = 200;

// The top-level fields of a Model, undecoded.
struct Envelope {
  std::int64_t spec_version = 0;
  bool updatable = false;
  std::vector<Extent> description;
  std::uint32_t type = 0;      // field number of the oneof's last case; 0: none
  std::vector<Extent> pieces;  // of that case
  std::size_t fields = 0;
};

std::string type_name(std::uint32_t field) {
  return is_model_type(field) ? std::string(model_type_name(field))
                              : fmt::format("model of unknown type {}", field);
}

// The message for a file that ends before the length of a top-level field says it should.
Error cut_error(const WireReader& reader) {
  const auto& status = reader.status();
  const auto file = reader.source().bytes();
  auto text = fmt::format("is cut: it ends at byte {}", file.size());
  const auto field = reader.field();
  if (is_model_type(field) || field == 2) {
    text += fmt::format(" in the middle of its {} (which begins at byte {})",
                        field == 2 ? "description" : model_type_name(field), status.offset);
  }
  if (model_kind(field) == ModelKind::neural_network) {
    // The layers that are there can still be counted: skip tag and length, then walk.
    auto body = status.offset;
    for (int varints = 0; varints < 2; ++varints) {
      while (body < file.size() && file[body] >= 0x80)
        ++body;
      body = std::min(body + 1, file.size());
    }
    WireStatus rest_status;
    const auto whole =
        count_whole_layers(WireReader(reader.source(), rest_status).message_at(file.subspan(body)));
    text += fmt::format(", after {}", counted(whole, "whole layer"));
  }
  text += fmt::format("; {} are missing", counted(status.missing, "byte"));
  return {.kind = ErrorKind::unreadable,
          .message = std::move(text),
          .advice = "fetch or export the model again; the copy is not complete"};
}

Result<Envelope> read_envelope(WireReader& message, bool is_root) {
  Envelope envelope;
  while (message.next()) {
    ++envelope.fields;
    switch (message.field()) {
      case 1:
        envelope.spec_version = message.int32();
        break;
      case 2:
        if (message.type() == WireType::length)
          envelope.description.push_back(message.extent());
        break;
      case 10:
        envelope.updatable = message.boolean();
        break;
      default: {
        if (message.field() < k_first_type || message.type() != WireType::length)
          break;
        // The type is a oneof: the last known case wins, pieces of one case merge. A case nobody
        // knows is an unknown field to libprotobuf and does not replace a known one.
        const auto field = message.field();
        const bool replaces = is_model_type(field) || !is_model_type(envelope.type);
        if (field != envelope.type && replaces) {
          envelope.type = field;
          envelope.pieces.clear();
        }
        if (field == envelope.type)
          envelope.pieces.push_back(message.extent());
        break;
      }
    }
  }
  if (message.status().ok())
    return envelope;
  const bool known_field = message.field() == 2 || is_model_type(message.field());
  if (is_root && message.status().missing != 0 && known_field && envelope.spec_version > 0)
    return fail(cut_error(message));
  auto error = wire_error(message);
  error.message = "is not a Core ML model, or a damaged one: " + error.message;
  return fail(std::move(error));
}

class ModelReader {
 public:
  ModelReader(WireReader message, GraphBuilder& builder, const ReadContext& context)
      : m_message(message), m_builder(builder), m_context(context) {}

  Result<Model> read() {
    if (m_context.depth > m_context.limits.max_depth)
      return fail(nested_too_deeply());
    ANECOMPAT_TRY_ASSIGN(m_envelope, read_envelope(m_message, m_context.depth == 0));
    if (m_envelope.type == 0)
      return fail(no_type());
    ANECOMPAT_TRY_ASSIGN(m_description,
                         read_description_pieces(m_envelope.description, m_message, m_builder));
    note_oddities();
    Model model{.type_name = m_builder.intern(type_name(m_envelope.type)),
                .spec_version = m_envelope.spec_version,
                .updatable = m_envelope.updatable,
                .inputs = m_description.inputs,
                .outputs = m_description.outputs,
                .states = m_description.states,
                .default_function = "main",
                .metadata = m_description.metadata};
    model.kind = model_kind(m_envelope.type);
    ANECOMPAT_TRY(read_body(model));
    if (!m_message.status().ok())
      return fail(wire_error(m_message));
    return model;
  }

 private:
  Error nested_too_deeply() const {
    return {.kind = ErrorKind::unreadable,
            .message = fmt::format("pipelines are nested more than {} deep, the most that is read",
                                   m_context.limits.max_depth)};
  }

  Error no_type() const {
    if (m_envelope.fields == 0)
      return {.kind = ErrorKind::unreadable, .message = "holds no model: it is empty"};
    if (m_envelope.spec_version > 0) {
      return {.kind = ErrorKind::unreadable,
              .message = fmt::format("holds no model, only a frame of specification version {}",
                                     m_envelope.spec_version)};
    }
    return {
        .kind = ErrorKind::unreadable,
        .message = "is not a Core ML model: it has neither a specification version nor a model"};
  }

  Error early_program() const {
    return {
        .kind = ErrorKind::unreadable,
        .message = fmt::format(
            "holds an ML Program of specification version {}, but ML Programs begin with version "
            "{}: it was written before the format was fixed",
            m_envelope.spec_version, k_first_program_specification),
        .advice = "convert the model again with a released coremltools"};
  }

  void note_oddities() {
    if (m_envelope.spec_version > k_newest_specification) {
      m_builder.note(newer_specification(m_envelope.spec_version));
    } else if (m_envelope.spec_version < 1) {
      m_builder.note("the model states no specification version");
    }
    if (!is_model_type(m_envelope.type)) {
      m_builder.note(fmt::format("the model is of a type this version does not know (field {})",
                                 m_envelope.type));
    }
  }

  Result<void> read_body(Model& model) {
    switch (model.kind) {
      case ModelKind::neural_network: {
        ANECOMPAT_TRY_ASSIGN(
            const auto parts,
            read_neural_network(m_envelope.pieces, m_message, m_description, m_builder, m_context));
        model.functions = parts.functions;
        model.weights = parts.weights;
        return {};
      }
      case ModelKind::ml_program: {
        if (m_envelope.spec_version < k_first_program_specification)
          return fail(early_program());
        if (m_envelope.pieces.size() != 1) {
          return fail({.kind = ErrorKind::unreadable,
                       .message = "holds its mlProgram in several pieces, which no writer does"});
        }
        ANECOMPAT_TRY_ASSIGN(
            const auto parts,
            read_ml_program(m_message.message_at(m_envelope.pieces[0]), m_builder, m_context));
        model.functions = parts.functions;
        model.weights = parts.weights;
        model.default_function = m_description.default_function;
        return {};
      }
      case ModelKind::pipeline:
        return read_pipeline(model);
      case ModelKind::classic:
      case ModelKind::opaque:
        model.functions = single_node(model.type_name, m_description, m_builder);
        return {};
    }
    return {};
  }

  Result<void> read_pipeline(Model& model) {
    // A classifier or regressor wraps the Pipeline message; pieces merge at both levels.
    std::vector<Extent> pipelines = m_envelope.pieces;
    if (m_envelope.type != k_pipeline) {
      pipelines.clear();
      for (const auto piece : m_envelope.pieces) {
        auto wrapper = m_message.message_at(piece);
        while (wrapper.next()) {
          if (wrapper.field() == 1 && wrapper.type() == WireType::length)
            pipelines.push_back(wrapper.extent());
        }
      }
    }
    auto stage_context = m_context;
    ++stage_context.depth;
    std::vector<Model> stages;
    std::vector<std::string_view> names;
    for (const auto piece : pipelines) {
      auto pipeline = m_message.message_at(piece);
      while (pipeline.next()) {
        if (pipeline.field() == 2)
          names.push_back(pipeline.string());
        if (pipeline.field() != 1 || pipeline.type() != WireType::length)
          continue;
        auto stage = read_model_message(pipeline.message(), m_builder, stage_context);
        if (!stage) {
          auto error = std::move(stage.error());
          error.message = fmt::format("stage {}: {}", stages.size(), error.message);
          return fail(std::move(error));
        }
        stages.push_back(*stage);
      }
    }
    if (stages.empty())
      m_builder.note("the pipeline has no stages");
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const bool named = i < names.size() && !names[i].empty();
      stages[i].name = named ? names[i] : m_builder.intern(fmt::format("model{}", i));
    }
    model.stages = m_builder.store(stages);
    return {};
  }

  WireReader m_message;
  GraphBuilder& m_builder;
  const ReadContext& m_context;
  Envelope m_envelope;
  Description m_description;
};

}  // namespace

Result<Model> read_model_message(WireReader message, GraphBuilder& builder,
                                 const ReadContext& context) {
  return ModelReader(message, builder, context).read();
}

Error wire_error(const WireReader& reader) {
  const auto& status = reader.status();
  return {.kind = ErrorKind::unreadable,
          .message = fmt::format("at byte {}: {}", status.offset,
                                 status.ok() ? "unknown failure" : status.error)};
}

}  // namespace anecompat::coreml
