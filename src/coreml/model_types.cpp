#include "coreml/model_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::coreml {

namespace {

struct TypeRow {
  std::uint32_t number;
  std::string_view name;
  ModelKind kind = ModelKind::classic;
};

// Model.proto's oneof `Type`.
constexpr std::array k_types = {
    TypeRow{200, "pipelineClassifier", ModelKind::pipeline},
    TypeRow{201, "pipelineRegressor", ModelKind::pipeline},
    TypeRow{202, "pipeline", ModelKind::pipeline},
    TypeRow{300, "glmRegressor"},
    TypeRow{301, "supportVectorRegressor"},
    TypeRow{302, "treeEnsembleRegressor"},
    TypeRow{303, "neuralNetworkRegressor", ModelKind::neural_network},
    TypeRow{304, "bayesianProbitRegressor"},
    TypeRow{400, "glmClassifier"},
    TypeRow{401, "supportVectorClassifier"},
    TypeRow{402, "treeEnsembleClassifier"},
    TypeRow{403, "neuralNetworkClassifier", ModelKind::neural_network},
    TypeRow{404, "kNearestNeighborsClassifier"},
    TypeRow{k_neural_network_type, "neuralNetwork", ModelKind::neural_network},
    TypeRow{501, "itemSimilarityRecommender"},
    TypeRow{k_ml_program_type, "mlProgram", ModelKind::ml_program},
    TypeRow{555, "customModel", ModelKind::opaque},
    TypeRow{556, "linkedModel", ModelKind::opaque},
    TypeRow{560, "classConfidenceThresholding"},
    TypeRow{600, "oneHotEncoder"},
    TypeRow{601, "imputer"},
    TypeRow{602, "featureVectorizer"},
    TypeRow{603, "dictVectorizer"},
    TypeRow{604, "scaler"},
    TypeRow{606, "categoricalMapping"},
    TypeRow{607, "normalizer"},
    TypeRow{609, "arrayFeatureExtractor"},
    TypeRow{610, "nonMaximumSuppression"},
    TypeRow{900, "identity"},
    TypeRow{2000, "textClassifier"},
    TypeRow{2001, "wordTagger"},
    TypeRow{2002, "visionFeaturePrint"},
    TypeRow{2003, "soundAnalysisPreprocessing"},
    TypeRow{2004, "gazetteer"},
    TypeRow{2005, "wordEmbedding"},
    TypeRow{2006, "audioFeaturePrint"},
    TypeRow{3000, "serializedModel", ModelKind::opaque},
};

const TypeRow* row_of(std::uint32_t number) {
  const auto* row = std::ranges::find(k_types, number, &TypeRow::number);
  return row == k_types.end() ? nullptr : row;
}

}  // namespace

std::string newer_specification(std::int64_t version) {
  return fmt::format("specification version {} is newer than any this version knows ({})", version,
                     k_newest_specification);
}

bool is_model_type(std::uint32_t number) {
  return row_of(number) != nullptr;
}

std::string_view model_type_name(std::uint32_t number) {
  const auto* row = row_of(number);
  return row == nullptr ? "unknown" : row->name;
}

std::uint32_t model_type_number(std::string_view name) {
  const auto* row = std::ranges::find(k_types, name, &TypeRow::name);
  return row == k_types.end() ? 0 : row->number;
}

ModelKind model_kind(std::uint32_t number) {
  const auto* row = row_of(number);
  return row == nullptr ? ModelKind::opaque : row->kind;
}

}  // namespace anecompat::coreml
