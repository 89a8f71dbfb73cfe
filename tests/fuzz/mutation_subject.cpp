#include "fuzz/mutation_subject.hpp"

#include "coreml/coremldata.hpp"
#include "coreml/espresso_reader.hpp"
#include "coreml/espresso_shapes.hpp"
#include "coreml/metadata_json.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/reader.hpp"
#include "coreml/reader_gzip.hpp"
#include "coreml/walk.hpp"
#include "support/byte_source.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <string_view>

namespace anecompat::test {

namespace {

namespace fs = std::filesystem;
using namespace coreml;

Bytes slurp(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> visited(const Result<Graph>& graph) {
  if (!graph)
    return fail(graph.error());
  visit_all(*graph);
  return {};
}

Result<void> read_protobuf(Bytes bytes) {
  GraphBuilder builder("mlmodel");
  const auto source = ByteSource::from_memory(std::move(bytes), "model");
  builder.keep(source);
  WireStatus status;
  ANECOMPAT_TRY_ASSIGN(const auto model,
                       read_model_message(WireReader(*source, status), builder, {}));
  return visited(std::move(builder).finish(model));
}

Result<void> read_gzip(Bytes bytes) {
  const auto packed = ByteSource::from_memory(std::move(bytes), "model");
  ANECOMPAT_TRY_ASSIGN(const auto source, inflate_gzip(*packed, 512U << 20U));
  const auto unpacked = source->bytes();
  return read_protobuf({unpacked.begin(), unpacked.end()});
}

Result<void> read_mil(Bytes bytes) {
  GraphBuilder builder("mil");
  const auto text = std::make_shared<const Bytes>(std::move(bytes));
  builder.keep(text);
  ANECOMPAT_TRY_ASSIGN(const auto parts, read_mil_text(text_of(*text), builder, {}));
  Model model{.kind = ModelKind::ml_program, .functions = parts.functions};
  return visited(std::move(builder).finish(model));
}

Result<void> read_network(std::string_view net, std::string_view shape) {
  GraphBuilder builder("mlmodelc");
  ANECOMPAT_TRY_ASSIGN(const auto parts, read_espresso_text(net, shape, "", builder, {}));
  Model model{.kind = ModelKind::neural_network, .functions = parts.functions};
  return visited(std::move(builder).finish(model));
}

Result<void> read_header(const Bytes& bytes) {
  ANECOMPAT_TRY_ASSIGN(const auto data, parse_coremldata(bytes));
  GraphBuilder builder("mlmodelc");
  const auto source = ByteSource::from_memory(
      Bytes(data.description.begin(), data.description.end()), "description");
  builder.keep(source);
  WireStatus status;
  ANECOMPAT_TRY_ASSIGN(const auto description,
                       read_description(WireReader(*source, status), builder));
  Model model{.inputs = description.inputs,
              .outputs = description.outputs,
              .states = description.states,
              .metadata = description.metadata};
  return visited(std::move(builder).finish(model));
}

// Offsets of what looks like structure in protobuf bytes: tags and lengths at every level, and the
// contents of short fields. A long field counts as a message when it can be walked to its end.
class StructureFinder {
 public:
  explicit StructureFinder(const Bytes& bytes)
      : m_source(ByteSource::from_memory(bytes, "structure")) {}

  std::vector<std::size_t> find() {
    take({m_source->bytes()}, 0);
    return std::move(m_offsets);
  }

 private:
  using Extent = std::span<const std::uint8_t>;
  static constexpr std::size_t k_short = 512;
  static constexpr int k_max_depth = 12;

  void add(const std::uint8_t* begin, const std::uint8_t* end) {
    for (const auto* at = begin; at != end; ++at)
      m_offsets.push_back(static_cast<std::size_t>(at - m_source->bytes().data()));
  }

  bool is_message(Extent extent) {
    WireStatus status;
    auto reader = WireReader(*m_source, status).message_at(extent);
    while (reader.next()) {
    }
    return status.ok();
  }

  void take(Extent extent, int depth) {
    WireStatus status;
    auto reader = WireReader(*m_source, status).message_at(extent);
    const auto* at = extent.data();
    while (reader.next()) {
      const auto* end = reader.rest().data();
      const auto field = reader.extent();
      if (reader.type() != WireType::length || field.size() <= k_short) {
        add(at, end);
      } else {
        add(at, field.data());
        if (depth < k_max_depth && is_message(field))
          take(field, depth + 1);
      }
      at = end;
    }
  }

  std::shared_ptr<ByteSource> m_source;
  std::vector<std::size_t> m_offsets;
};

std::vector<std::size_t> first_bytes(std::size_t size, std::size_t most) {
  std::vector<std::size_t> offsets(std::min(size, most));
  std::iota(offsets.begin(), offsets.end(), std::size_t{0});
  return offsets;
}

// Changes the file in the copy for as long as it takes to read the whole model.
Result<void> read_in_place(const fs::path& file, const std::string& model, const Bytes& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return visited(read_model(model));
}

// Whether readers open that file of a bundle at all. Of large weight files they read a few records,
// which the small ones have too.
bool is_read(const fs::path& bundle, const fs::path& file) {
  constexpr std::uintmax_t k_large_weights = 64U << 10U;
  const auto name = file.filename();
  if (name == "coremldata.bin")
    return file.parent_path() == bundle || file.parent_path().filename() == "modelNames";
  const bool weights = name == "weight.bin" || name == "model.espresso.weights";
  return !weights || fs::file_size(file) <= k_large_weights;
}

MutationSubject subject_of(const fs::path& file, const std::string& model) {
  const auto name = file.filename().string();
  MutationSubject subject{.name = name, .whole = slurp(file), .read = {}, .structure = {}};
  if (file.extension() == ".mlmodel") {
    subject.read = read_protobuf;
    subject.structure = StructureFinder(subject.whole).find();
  } else if (file.extension() == ".gz") {
    subject.read = read_gzip;
  } else if (file.extension() == ".mil") {
    subject.read = read_mil;
  } else if (name == "model.espresso.net") {
    const auto shape = slurp(file.parent_path() / "model.espresso.shape");
    subject.read = [shape](const Bytes& net) { return read_network(text_of(net), text_of(shape)); };
  } else if (name == "model.espresso.shape") {
    const auto net = slurp(file.parent_path() / "model.espresso.net");
    subject.read = [net](const Bytes& shape) { return read_network(text_of(net), text_of(shape)); };
  } else if (name == "metadata.json") {
    subject.read = [](const Bytes& bytes) -> Result<void> {
      ANECOMPAT_TRY(parse_metadata(text_of(bytes)));
      return {};
    };
  } else if (name == "coremldata.bin" && file.parent_path() == fs::path(model)) {
    subject.read = read_header;
  } else {
    // Manifests, tables of weight files and what only a whole bundle has.
    subject.read = [file, model](const Bytes& bytes) { return read_in_place(file, model, bytes); };
    subject.structure = first_bytes(subject.whole.size(), 4096);
  }
  return subject;
}

}  // namespace

std::vector<MutationSubject> mutation_subjects(const std::string& path, const std::string& copy) {
  if (!fs::is_directory(path))
    return {subject_of(path, path)};
  fs::copy(path, copy, fs::copy_options::recursive);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(copy)) {
    if (!entry.is_regular_file())
      continue;
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
    if (is_read(copy, entry.path()))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<MutationSubject> subjects;
  for (const auto& file : files)
    subjects.push_back(subject_of(file, copy));
  return subjects;
}

void visit_all(const Graph& graph) {
  std::size_t seen = 0;
  const auto see = [&](std::string_view text) {
    for (const char c : text)
      seen += static_cast<unsigned char>(c);
  };
  const auto see_features = [&](std::span<const Feature> features) {
    for (const auto& feature : features) {
      see(feature.name);
      see(feature.color_space);
      see(feature.shape.to_string());
      for (const auto& shape : feature.flexibility.shapes)
        see(shape.to_string());
    }
  };
  see_features(graph.model().inputs);
  see_features(graph.model().outputs);
  see_features(graph.model().states);
  for (const auto& [key, value] : graph.model().metadata) {
    see(key);
    see(value);
  }
  for (const auto& value : graph.values()) {
    see(value.name);
    see(value.type.to_string());
    if (value.producer != nullptr)
      see(value.producer->type);
    if (value.literal != nullptr)
      seen += value.literal->floats().value_or(std::vector<double>()).size();
  }
  walk_all(graph, [&](const OperationSite& site) {
    see(site.op.type);
    see(site.op.source_type);
    see(site.op.name);
    see(site.op.label);
    for (const auto& argument : site.op.inputs) {
      see(argument.name);
      for (const auto id : argument.values)
        see(graph.value(id).name);
    }
    for (const auto& attribute : site.op.attributes) {
      see(attribute.name);
      if (const auto texts = attribute.value.strings())
        std::ranges::for_each(*texts, see);
    }
  });
  // Kept, so that nothing of this is optimised away.
  [[maybe_unused]] static volatile std::size_t total = 0;
  total = seen;
}

}  // namespace anecompat::test
