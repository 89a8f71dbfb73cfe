#include "report/comparison_view.hpp"

#include "report/view.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace anecompat::report {

namespace {

using evaluate::Comparison;
using evaluate::OpChange;

std::string from_to(std::string_view before, std::string_view after) {
  return before == after ? std::string(after) : fmt::format("{} → {}", before, after);
}

std::string_view place(const std::optional<ane::Backend>& backend) {
  return backend ? ane::to_string(*backend) : "nowhere";
}

std::string_view dtype_of(std::string_view shape) {
  return shape.substr(0, shape.find('['));
}

std::string_view dims_of(std::string_view shape) {
  const auto bracket = shape.find('[');
  return bracket == std::string_view::npos ? std::string_view() : shape.substr(bracket);
}

void append(std::string& text, std::string_view separator, std::string_view part) {
  if (part.empty())
    return;
  if (!text.empty())
    text += separator;
  text += part;
}

std::string shape_text(const OpChange& change) {
  if (change.old_shape.empty())
    return {};
  std::string text;
  if (dtype_of(change.old_shape) != dtype_of(change.shape)) {
    text = fmt::format("dtype {}", from_to(printable(dtype_of(change.old_shape)),
                                           printable(dtype_of(change.shape))));
  }
  if (dims_of(change.old_shape) != dims_of(change.shape)) {
    append(text, ", ",
           fmt::format("shape {}", from_to(printable(dims_of(change.old_shape)),
                                           printable(dims_of(change.shape)))));
  }
  return text;
}

std::string where(const OpChange& change) {
  switch (change.kind) {
    case OpChange::Kind::added:
      return change.after ? fmt::format("added, on {}", place(change.after)) : "added";
    case OpChange::Kind::removed:
      return change.before ? fmt::format("removed, was on {}", place(change.before)) : "removed";
    case OpChange::Kind::changed:
      return {};
    case OpChange::Kind::left:
    case OpChange::Kind::joined:
    case OpChange::Kind::moved:
      return from_to(place(change.before), place(change.after));
  }
  return {};
}

}  // namespace

std::string level_change(const Comparison& comparison) {
  return from_to(ane::to_string(comparison.before.level), ane::to_string(comparison.after.level));
}

std::string share_change(const Comparison& comparison) {
  const auto& before = comparison.before;
  const auto& after = comparison.after;
  std::string text;
  if (before.ops_share || after.ops_share) {
    text = fmt::format("ANE share {} of ops",
                       from_to(percent(before.ops_share), percent(after.ops_share)));
  }
  if (before.cost_share || after.cost_share) {
    append(text, ", ",
           fmt::format("{}{} of estimated time", text.empty() ? "ANE share " : "",
                       from_to(percent(before.cost_share), percent(after.cost_share))));
  }
  return text;
}

std::string segment_change(const Comparison& comparison) {
  const auto numbers = [](std::uint32_t before, std::uint32_t after, std::string_view noun) {
    return before == after ? counted(after, noun)
                           : fmt::format("{} → {}", before, counted(after, noun));
  };
  return fmt::format(
      "{}, {}", numbers(comparison.before.segments, comparison.after.segments, "segment"),
      numbers(comparison.before.transitions, comparison.after.transitions, "transition"));
}

std::string op_counts(const Comparison& comparison) {
  std::string text;
  const auto add = [&](std::uint32_t count, std::string_view what) {
    if (count > 0)
      append(text, ", ",
             text.empty() ? fmt::format("{} {}", counted(count, "op"), what)
                          : fmt::format("{} {}", count, what));
  };
  add(comparison.left, "left the ANE");
  add(comparison.joined, "joined it");
  add(comparison.moved, "moved between other devices");
  add(comparison.added, "added");
  add(comparison.removed, "removed");
  add(comparison.changed, "changed");
  return text.empty() ? "no op changed" : text;
}

std::string_view change_word(OpChange::Kind kind) {
  switch (kind) {
    case OpChange::Kind::left:
      return "left the ANE";
    case OpChange::Kind::joined:
      return "joined the ANE";
    case OpChange::Kind::moved:
      return "moved";
    case OpChange::Kind::changed:
      return "changed";
    case OpChange::Kind::added:
      return "added";
    case OpChange::Kind::removed:
      return "removed";
  }
  return "";
}

std::string change_line(const OpChange& change) {
  auto type = printable(change.type);
  if (!change.old_type.empty())
    type = from_to(printable(change.old_type), type);
  auto text = fmt::format("{} ({})", printable(change.path), type);
  std::string what = where(change);
  append(what, ", ", shape_text(change));
  if (!change.old_path.empty())
    append(what, ", ", fmt::format("was {}", printable(change.old_path)));
  append(text, ": ", what);
  if (change.reason) {
    append(text, ": ", printable(change.reason->code));
    if (!change.reason->message.empty())
      append(text, ": ", printable(change.reason->message));
  }
  std::string more;
  if (change.cost_us && *change.cost_us > 0)
    more = fmt::format("{:.3g} µs", *change.cost_us);
  if (change.pulled > 0)
    append(more, ", ", fmt::format("pulls {} along", counted(change.pulled, "op")));
  if (!change.caused_by.empty())
    append(more, ", ", fmt::format("because of {}", printable(change.caused_by)));
  return more.empty() ? text : fmt::format("{} ({})", text, more);
}

std::string compared_with(const Comparison& comparison) {
  auto text =
      fmt::format("{} ({})", printable(comparison.with), ane::to_string(comparison.evidence));
  if (!comparison.note.empty())
    text += "; " + printable(comparison.note);
  return text;
}

}  // namespace anecompat::report
