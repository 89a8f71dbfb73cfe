#include "evaluate/rounding.hpp"

#include <cmath>
#include <optional>

namespace anecompat::evaluate {

namespace {

double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

void round_with(double (*rounding)(double), std::optional<double>& value) {
  if (value && std::isfinite(*value))
    value = rounding(*value);
}

}  // namespace

double rounded_share(double share) {
  return rounded(share, 1e4);
}

double rounded_cost(double cost_us) {
  return rounded(cost_us, 1e3);
}

void round_numbers(Evaluation& evaluation) {
  round_with(rounded_share, evaluation.shares.ops);
  round_with(rounded_share, evaluation.shares.cost);
  for (auto& op : evaluation.ops)
    round_with(rounded_cost, op.cost_us);
  for (auto& segment : evaluation.segments)
    round_with(rounded_cost, segment.cost_us);
}

}  // namespace anecompat::evaluate
