// The values of a neural network while it is read: names, scopes and inferred shapes.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/layer_draft.hpp"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace anecompat::coreml {

class NetworkScope {
 public:
  // `hides_sequence`: values of rank 5 whose first dimension is 1 are stored without it.
  NetworkScope(GraphBuilder& builder, bool hides_sequence)
      : m_builder(&builder), m_hides_sequence(hides_sequence), m_first(builder.value_count()) {
    m_names.emplace_back();
  }

  void open() { m_names.emplace_back(); }
  // Closes the innermost scope and returns what it defined, in order of definition.
  std::vector<std::pair<std::string_view, ValueId>> close();

  // A new value of that name in the innermost scope; an earlier one of the same name is hidden.
  ValueId define(std::string_view name, const Dims& dims);
  // The value of that name, looked up from the inside out, or k_no_value.
  ValueId find(std::string_view name) const;
  bool defined_here(std::string_view name) const { return m_names.back().index.contains(name); }

  const Dims& dims(ValueId id) const { return m_dims[static_cast<std::size_t>(id) - m_first]; }
  // Whether dims are stored without their first one.
  bool hides(const Dims& dims) const {
    return m_hides_sequence && dims && dims->size() == 5 && dims->front() == 1;
  }

 private:
  struct Names {
    std::unordered_map<std::string_view, ValueId> index;
    std::vector<std::pair<std::string_view, ValueId>> order;
  };

  GraphBuilder* m_builder;
  bool m_hides_sequence;
  std::size_t m_first;
  std::vector<Names> m_names;
  std::vector<Dims> m_dims;
};

// Rewrites the attributes of a layer on rank 5 so that they fit a rank-4 view without the sequence:
// axes count from the end, lists of one entry per dimension lose the first. False, and nothing
// done, where they say something about the sequence itself.
bool hide_sequence(LayerDraft& layer);

}  // namespace anecompat::coreml
