#include "history/trend_page.hpp"

#include "support/text.hpp"
#include "support/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace anecompat::history {

namespace {

constexpr std::string_view k_style = R"css(
:root { color-scheme: light dark; --back: #f6f7f9; --ink: #1c2330; --soft: #5d6778; --line: #dfe3ea; }
@media (prefers-color-scheme: dark) {
  :root { --back: #11151c; --ink: #e3e8f0; --soft: #97a2b4; --line: #2c3544; }
}
body { margin: 24px; background: var(--back); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--line); }
td { overflow-wrap: anywhere; } th, small { color: var(--soft); font-weight: 500; }
svg { display: block; } polyline { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.full { fill: #17936b; } .partial { fill: #d9a12b; } .none { fill: #c8303c; }
.unknown, .failed { fill: #98a1af; }
)css";

constexpr int k_width = 360;
constexpr int k_height = 36;
constexpr int k_margin = 5;

double ane_share(const Point& point) {
  return point.ops == 0 ? 0 : std::min(1.0, static_cast<double>(point.ane_ops) / point.ops);
}

// The first point of the last run of equal levels.
std::size_t last_change(const Series& series) {
  auto at = series.points.size() - 1;
  while (at > 0 && series.points[at - 1].level == series.points[at].level)
    --at;
  return at;
}

std::string day_of(const Point& point) {
  return point.started.substr(0, point.started.find('T'));
}

std::string change_in_words(const Series& series) {
  const auto at = last_change(series);
  const auto& point = series.points[at];
  auto words = fmt::format("since {}", day_of(point));
  if (at == 0)
    return words;
  words += fmt::format(", before {}", series.points[at - 1].level);
  if (!point.commit.empty())
    words += fmt::format(", commit {}", point.commit.substr(0, 12));
  if (point.digest != series.points[at - 1].digest)
    words += ", the model changed";
  else if (point.version != series.points[at - 1].version)
    words += fmt::format(", anecompat {}", point.version);
  return words;
}

std::string curve(const Series& series) {
  const auto& points = series.points;
  const auto x = [&](std::size_t i) {
    return points.size() == 1 ? k_width / 2.0
                              : k_margin + static_cast<double>(i) * (k_width - 2.0 * k_margin) /
                                               static_cast<double>(points.size() - 1);
  };
  const auto y = [&](std::size_t i) {
    return k_height - k_margin - ane_share(points[i]) * (k_height - 2.0 * k_margin);
  };
  std::string line;
  std::string dots;
  for (std::size_t i = 0; i < points.size(); ++i) {
    line += fmt::format("{}{:.1f},{:.1f}", i == 0 ? "" : " ", x(i), y(i));
    dots += fmt::format(
        R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>)",
        xml_attribute(points[i].level), x(i), y(i),
        xml_text(fmt::format("{} {}: {}, {} of {} ops on the ANE, {}", points[i].started,
                             points[i].commit.substr(0, 12), points[i].level, points[i].ane_ops,
                             points[i].ops, points[i].evidence)));
  }
  return fmt::format(R"(<svg width="{}" height="{}" role="img"><polyline points="{}"/>{}</svg>)",
                     k_width, k_height, line, dots);
}

std::vector<const Series*> changed_first(std::span<const Series> series) {
  std::vector<const Series*> result;
  for (const auto& each : series) {
    if (!each.points.empty())
      result.push_back(&each);
  }
  // Not the ranges one: clang 14 cannot compile it with libstdc++ 12.
  std::stable_partition(result.begin(), result.end(),
                        [](const Series* each) { return last_change(*each) != 0; });
  return result;
}

}  // namespace

std::string render_text(std::span<const Series> series) {
  std::size_t names = 0;
  for (const auto& each : series)
    names = std::max(names, each.entry.size());
  std::string out;
  for (const auto& each : series) {
    if (each.points.empty())
      continue;
    const auto& now = each.points.back();
    out += fmt::format("{:<{}}  {:<5}  {:<8} {:>3}/{:<3} on the ANE  {}\n", printable(each.entry),
                       names, printable(each.target), printable(now.level), now.ane_ops, now.ops,
                       printable(change_in_words(each)));
  }
  return out;
}

std::string render_html(std::span<const Series> series) {
  std::string rows;
  for (const auto* each : changed_first(series)) {
    const auto& now = each->points.back();
    rows += fmt::format(
        "<tr><td>{}<br><small>{}</small></td><td>{}</td><td>{}<br><small>{}</small></td>"
        "<td>{}</td><td>{}/{}</td></tr>\n",
        xml_text(each->entry), xml_text(each->manifest), xml_text(each->target),
        xml_text(now.level), xml_text(change_in_words(*each)), curve(*each), now.ane_ops, now.ops);
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>Neural Engine "
      "history</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<h1>Neural Engine history</h1>\n<table>\n<tr><th>Model</th><th>Target</th><th>Level</th>"
      "<th>Share of ops on the ANE</th><th>Now</th></tr>\n{}</table>\n</body>\n</html>\n",
      k_style, rows);
}

}  // namespace anecompat::history
