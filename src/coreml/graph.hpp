// The one graph that every Core ML format is read into.
//
// Everything here is a view into storage that the Graph owns (its arena and the bytes of the file):
// spans and string_views stay valid as long as the Graph does. Names are kept as the file has them
// and are not trusted: escape them where they are printed.
#pragma once

#include "coreml/arena.hpp"
#include "coreml/literal.hpp"
#include "coreml/types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace anecompat::coreml {

struct Operation;
struct Block;

// Index of a Value in its Graph.
enum class ValueId : std::uint32_t {};
constexpr ValueId k_no_value = static_cast<ValueId>(UINT32_MAX);

// One result of an operation, one function or block input, or one inline constant.
struct Value {
  std::string_view name;  // as in the file; empty for an inline constant
  ValueType type;
  const Operation* producer = nullptr;  // null: a function or block input, or an inline constant
  // The literal when the value is constant and spelled out: a `const` operation's or an inline one.
  const Literal* literal = nullptr;
  // The value does not depend on the model's inputs: const, or constexpr_* over constants.
  bool is_constant = false;
};

// An operand: the values bound to one named parameter. Most have one value; `concat.values` has
// many.
struct Argument {
  std::string_view name;  // MIL's parameter name, "x", "weight", …
  std::span<const ValueId> values;
};

// A setting written at the operation itself rather than bound by name.
struct Attribute {
  std::string_view name;
  Literal value;
};

// A span of a type that is not complete yet. std::span cannot be copied as a member then with every
// standard library: its constructors ask whether what they are given is a range.
template <typename T>
class Children {
 public:
  Children() = default;
  template <typename Span>
  requires std::is_same_v<Span, std::span<const T>> Children(Span items)
      : m_first(items.data()), m_count(items.size()) {}

  const T* begin() const { return m_first; }
  const T* end() const { return m_first + m_count; }
  std::size_t size() const { return m_count; }
  bool empty() const { return m_count == 0; }
  const T& operator[](std::size_t index) const { return m_first[index]; }

 private:
  const T* m_first = nullptr;
  std::size_t m_count = 0;
};

// What an operation is to placement.
enum class OperationKind : std::uint8_t {
  compute,    // an ordinary operation; the only kind that is counted
  constant,   // `const`: a literal with a name
  constexpr_  // constexpr_*: a weight that is decompressed; no device is ever reported for it
};

struct Operation {
  // The type in MIL's vocabulary wherever MIL has an equivalent ("conv", "relu"), so that rules are
  // written once; otherwise the format's own name ("mvn"). Layer fields become attributes with
  // MIL's parameter names and meaning (strides, pad_type, kernel_sizes, axes, …).
  std::string_view type;
  std::string_view source_type;  // the type as the file spells it ("convolution"), for people
  std::string_view name;   // the first output's name, the operation's identity within its block
  std::string_view label;  // the name a person gave it, where the format has one; may be empty
  OperationKind kind = OperationKind::compute;
  std::span<const Argument> inputs;  // sorted by name
  std::span<const ValueId> outputs;
  std::span<const Attribute> attributes;  // sorted by name
  Children<Block> blocks;                 // bodies of cond, while_loop, branch, loop
  std::uint32_t index = 0;                // position among all operations of the Graph, pre-order

  // The argument of that name, or null.
  const Argument* argument(std::string_view wanted) const;
  const Attribute* attribute(std::string_view wanted) const;
};

// A sequence of operations with its own scope.
struct Block {
  std::string_view label;  // "main", "true", "false", "cond", "body"; part of op paths
  std::span<const ValueId> inputs;
  std::span<const Operation> operations;  // file order
  std::span<const ValueId> outputs;
};

struct Function {
  std::string_view name;   // "main"
  std::string_view opset;  // "ios17", "CoreML7" → as in the file; empty outside ML Programs
  std::span<const ValueId> inputs;
  Block body;
};

// How a model input or output may change its shape.
struct Flexibility {
  enum class Kind : std::uint8_t { fixed, enumerated, range };
  struct Range {
    std::int64_t lower = 0;
    std::int64_t upper = 0;  // -1: unbounded
  };

  Kind kind = Kind::fixed;
  std::span<const Shape> shapes = {};  // enumerated: all of them
  std::span<const Range> ranges = {};  // range: one per dimension
};

// A model input, output or state, as its description declares it.
struct Feature {
  enum class Kind : std::uint8_t {
    multi_array,
    image,
    int64,
    float64,
    string,
    dictionary,
    sequence,
    state,
    unknown
  };

  std::string_view name;
  Kind kind = Kind::unknown;
  DataType dtype = DataType::unknown;  // of a multi-array or state
  Shape shape = {};                    // default shape; an image is [1, channels, height, width]
  Flexibility flexibility = {};
  std::string_view color_space = {};  // "RGB", "BGR", "GRAYSCALE", "GRAYSCALE_FLOAT16" for an image
  bool optional = false;
};

enum class ModelKind : std::uint8_t {
  ml_program,
  neural_network,  // neuralNetwork, neuralNetworkClassifier, neuralNetworkRegressor, espresso
  pipeline,
  classic,  // trees, GLM, SVM, feature engineering, text and vision models that are one opaque node
  opaque,   // serialized, linked, encrypted or unknown: there is something, but it cannot be looked
            // into
};

// How weights are stored, summed up over the model, without reading them.
struct WeightSummary {
  std::string_view encoding;  // "fp16", "fp32", "int8", "palettized 4 bits", "sparse", …
  std::uint64_t tensors = 0;
  std::uint64_t bytes = 0;  // 0 when the file does not say
};

struct Model {
  ModelKind kind = ModelKind::opaque;
  std::string_view type_name;  // the format's own: "mlProgram", "treeEnsembleClassifier", …
  std::string_view name;       // of a pipeline stage; empty at the root
  std::int64_t spec_version = 0;
  bool updatable = false;
  std::span<const Feature> inputs;
  std::span<const Feature> outputs;
  std::span<const Feature> states;
  std::span<const Function>
      functions;  // ml_program: all; neural_network: one, "main"; else empty or one node
  std::string_view default_function;  // name of the one that runs when none is asked for
  Children<Model> stages;             // pipeline children, in order
  std::span<const WeightSummary> weights;
  std::span<const std::pair<std::string_view, std::string_view>> metadata;  // user-defined keys
};

// Anything odd that was met and got over while reading; shown by `inspect`, never an error.
struct Note {
  std::string text;
};

// A whole model file, read.
class Graph {
 public:
  Graph() : m_arena(std::make_unique<Arena>()) {}
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() = default;

  const Model& model() const { return m_model; }
  // "mlmodel", "mlpackage", "mlmodelc", "mil"
  std::string_view format() const { return m_format; }
  const Value& value(ValueId id) const { return m_values[static_cast<std::size_t>(id)]; }
  std::span<const Value> values() const { return m_values; }
  std::span<const Note> notes() const { return m_notes; }
  // All operations of all functions, blocks and stages, constants included.
  std::uint32_t operation_count() const { return m_operation_count; }

  // The literal behind parameter `name` of `op`: an attribute of that name, or the constant bound
  // to the argument of that name. Null when it is absent, not constant, or has several values.
  const Literal* parameter(const Operation& op, std::string_view name) const;
  // The value bound to argument `name` when there is exactly one, or null.
  const Value* operand(const Operation& op, std::string_view name) const;
  // Whether parameter or operand `name` is present at all, constant or not.
  static bool has(const Operation& op, std::string_view name);

 private:
  friend class GraphBuilder;

  std::unique_ptr<Arena> m_arena;
  std::vector<std::shared_ptr<const void>> m_keep_alive;  // files that string_views point into
  std::vector<Value> m_values;
  std::vector<Note> m_notes;
  Model m_model;
  std::string_view m_format;
  std::uint32_t m_operation_count = 0;
};

}  // namespace anecompat::coreml
