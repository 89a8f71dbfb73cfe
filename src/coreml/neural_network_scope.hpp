// The values of a neural network while it is read: names, scopes and inferred shapes.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/layer_draft.hpp"
#include "coreml/name_scope.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace anecompat::coreml {

class NetworkScope {
 public:
  // `hides_sequence`: values of rank 5 whose first dimension is 1 are stored without it.
  NetworkScope(GraphBuilder& builder, bool hides_sequence)
      : m_builder(&builder), m_hides_sequence(hides_sequence), m_first(builder.value_count()) {}

  void open() {
    m_names.open();
    m_begins.push_back(m_defined.size());
  }
  // Closes the innermost scope and returns what it defined, in order of definition.
  std::vector<std::pair<std::string_view, ValueId>> close();

  // A new value of that name in the innermost scope; an earlier one of the same name is hidden.
  ValueId define(std::string_view name, const Dims& dims);
  // The value of that name, looked up from the inside out, or k_no_value.
  ValueId find(std::string_view name) const { return m_names.find(name).value_or(k_no_value); }
  bool defined_here(std::string_view name) const { return m_names.defined_here(name); }

  const Dims& dims(ValueId id) const { return m_dims[static_cast<std::size_t>(id) - m_first]; }
  // Whether dims are stored without their first one.
  bool hides(const Dims& dims) const {
    return m_hides_sequence && dims && dims->size() == 5 && dims->front() == 1;
  }

 private:
  GraphBuilder* m_builder;
  bool m_hides_sequence;
  std::size_t m_first;
  NameScope m_names;
  std::vector<std::pair<std::string_view, ValueId>> m_defined;  // in all open scopes, in order
  std::vector<std::size_t> m_begins;  // where those of each inner scope begin
  std::vector<Dims> m_dims;
};

// Rewrites the attributes of a layer on rank 5 so that they fit a rank-4 view without the sequence:
// axes count from the end, lists of one entry per dimension lose the first. False, and nothing
// done, where they say something about the sequence itself.
bool hide_sequence(LayerDraft& layer, GraphBuilder& builder);

}  // namespace anecompat::coreml
