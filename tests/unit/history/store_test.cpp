#include "history/store.hpp"

#include "history/trend_page.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pugixml.hpp>

namespace anecompat::history {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

report::Report night(int day, ane::Level level, std::uint32_t ane_ops = 9,
                     const std::string& name = "detector") {
  report::Report report;
  report.tool.version = "1.0.0";
  report.manifest = "m.yml";
  report.run.started = fmt::format("2026-03-{:02}T03:00:00Z", day);
  report::Entry entry;
  entry.name = name;
  entry.digest = "abc";
  evaluate::Evaluation evaluation;
  evaluation.target = "h16";
  evaluation.level = level;
  evaluation.counts.ops = 10;
  evaluation.counts.ane = ane_ops;
  entry.evaluations.push_back(evaluation);
  report.entries.push_back(entry);
  return report;
}

class StoreTest : public testing::Test {
 protected:
  Store opened(Store::Mode mode = Store::Mode::create) const {
    auto store = Store::open(m_path, mode);
    EXPECT_TRUE(store) << store.error().to_string();
    return std::move(*store);
  }
  std::vector<Series> series(std::uint32_t runs = 0) const {
    const auto result = opened(Store::Mode::read_only).series(runs);
    EXPECT_TRUE(result) << result.error().to_string();
    return result.value_or(std::vector<Series>{});
  }

  test::TempDir m_directory;
  std::string m_path = m_directory.file("history.sqlite");
};

TEST_F(StoreTest, KeepsRunsInTheOrderTheyWereMade) {
  auto store = opened();
  EXPECT_EQ(store.add(night(2, ane::Level::partial, 5), "two"), Added::added);
  EXPECT_EQ(store.add(night(1, ane::Level::full, 10), "one"), Added::added);
  const auto found = series();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].entry, "detector");
  EXPECT_EQ(found[0].target, "h16");
  ASSERT_EQ(found[0].points.size(), 2U);
  EXPECT_EQ(found[0].points[0].level, "full");
  EXPECT_EQ(found[0].points[0].commit, "one");
  EXPECT_EQ(found[0].points[1].level, "partial");
  EXPECT_EQ(found[0].points[1].ane_ops, 5U);
}

TEST_F(StoreTest, AReportCountsOnce) {
  EXPECT_EQ(opened().add(night(1, ane::Level::full), "a"), Added::added);
  EXPECT_EQ(opened().add(night(1, ane::Level::full), "a"), Added::already_there);
  EXPECT_EQ(series().at(0).points.size(), 1U);
}

TEST_F(StoreTest, TheLastRunsAreCountedByManifest) {
  auto store = opened();
  for (int day = 1; day <= 9; ++day)
    ASSERT_TRUE(store.add(night(day, ane::Level::full), ""));
  auto other = night(1, ane::Level::none);
  other.manifest = "n.yml";
  ASSERT_TRUE(store.add(other, ""));
  const auto found = series(3);
  ASSERT_EQ(found.size(), 2U);
  ASSERT_EQ(found[0].points.size(), 3U);
  EXPECT_EQ(found[0].points[0].started, "2026-03-07T03:00:00Z");
  EXPECT_EQ(found[1].manifest, "n.yml");
}

TEST_F(StoreTest, AFailureIsALevelOfItsOwnAndATargetTwiceCountsOnce) {
  auto report = night(1, ane::Level::unknown);
  report.entries[0].evaluations[0].error =
      evaluate::EvaluationError{.kind = "crash", .signal = {}, .message = {}};
  report.entries[0].evaluations.push_back(report.entries[0].evaluations[0]);
  ASSERT_TRUE(opened().add(report, ""));
  ASSERT_EQ(series().at(0).points.size(), 1U);
  EXPECT_EQ(series()[0].points[0].level, "failed");
}

TEST_F(StoreTest, AnotherProgramsFileIsLeftAlone) {
  m_directory.write("history.sqlite", std::string(5000, 'x'));
  for (const auto mode : {Store::Mode::create, Store::Mode::read_only})
    EXPECT_FALSE(Store::open(m_path, mode));
  EXPECT_THAT(Store::open(m_directory.file("gone"), Store::Mode::read_only).error().to_string(),
              HasSubstr("`anecompat history add REPORT.json` makes it"));
}

TEST_F(StoreTest, TextSaysSinceWhenAndWhatItWas) {
  auto store = opened();
  ASSERT_TRUE(store.add(night(1, ane::Level::full, 10), "c0ffee"));
  ASSERT_TRUE(store.add(night(2, ane::Level::partial), "badc0de"));
  ASSERT_TRUE(store.add(night(3, ane::Level::partial), "f00d"));
  EXPECT_EQ(render_text(series()),
            "detector  h16    partial    9/10  on the ANE  since 2026-03-02, before full, commit "
            "badc0de\n");
  EXPECT_THAT(render_text({}), IsEmpty());
}

TEST_F(StoreTest, ThePageShowsHostileNamesAsText) {
  auto store = opened();
  ASSERT_TRUE(
      store.add(night(1, ane::Level::full, 10, "</td><script>alert(1)</script>"), "\"><b>"));
  ASSERT_TRUE(store.add(night(2, ane::Level::none, 0, "</td><script>alert(1)</script>"), "\"><b>"));
  const auto page = render_html(series());
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  pugi::xml_document document;
  const auto svg = page.substr(page.find("<svg"), page.find("</svg>") + 6 - page.find("<svg"));
  ASSERT_TRUE(document.load_string(svg.c_str()));
  EXPECT_EQ(document.select_nodes("//circle").size(), 2U);
}

TEST_F(StoreTest, ThePageStartsWithWhatChanged) {
  auto store = opened();
  for (int day = 1; day <= 2; ++day) {
    auto report = night(day, ane::Level::full, 10, "a-stable");
    report.entries.push_back(
        night(day, day == 1 ? ane::Level::full : ane::Level::none, 0, "z-broken").entries[0]);
    ASSERT_TRUE(store.add(report, ""));
  }
  const auto page = render_html(series());
  EXPECT_LT(page.find("z-broken"), page.find("a-stable"));
}

}  // namespace
}  // namespace anecompat::history
